package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.MountException;
import jnr.ffi.LibraryLoader;
import ru.serce.jnrfuse.LibFuse;

/**
 * The functions of libfuse 2.9 that jnr-fuse's binding leaves out: those of which fuse_main() is
 * made, together with {@link FuseNew}. Pointers are plain addresses, so that a call makes no
 * objects; int and long are C's on the 64-bit architectures that Lamina runs on.
 *
 * <p>fuse_main() itself is not used. It installs signal handlers over the JVM's, serves on threads
 * that it makes and ends as load changes, and tells nothing of why it failed. Each of its threads
 * would be attached to the JVM and detached again for every upcall of its first thousand (25 to 140
 * µs each). Its parts, called from Java threads, have no such cost and install no handlers.
 * (libfuse 2 changes neither the directory nor the umask unless it is told to daemonize.)
 */
public interface Libfuse extends LibFuse {
  /** Mounts; a channel, or 0 with the reason on standard error. */
  long fuse_mount(long mountPoint, long arguments);

  /** Unmounts if still mounted, closes the device and frees the channel. */
  void fuse_unmount(long mountPoint, long channel);

  void fuse_destroy(long fuse);

  long fuse_get_session(long fuse);

  int fuse_chan_fd(long channel);

  long fuse_chan_bufsize(long channel);

  /** Handles a request: calls operations and sends the reply. */
  void fuse_session_process_buf(long session, long buffer, long channel);

  /** Makes a channel of the functions in a {@code struct fuse_chan_ops}, which it copies. */
  long fuse_chan_new(long functions, int fd, long bufferSize, long data);

  /**
   * Tells the kernel that what it knows of a node is not true any more: its attributes, and with an
   * offset that is not negative its pages.
   */
  int fuse_lowlevel_notify_inval_inode(long channel, long node, long offset, long length);

  /** Whether a signal came to the caller of the operation that the calling thread is in. */
  int fuse_interrupted();

  void fuse_session_exit(long session);

  int fuse_session_exited(long session);

  void fuse_opt_free_args(long arguments);

  /** Loads the library by the name of the ABI that is spoken here. */
  static Libfuse load() throws MountException {
    try {
      return LibraryLoader.create(Libfuse.class).failImmediately().load("libfuse.so.2");
    } catch (UnsatisfiedLinkError e) {
      throw new MountException(
          "libfuse 2 (libfuse.so.2) is not installed: install the package libfuse2"
              + " (named fuse-libs or libfuse2t64 by some distributions)",
          e);
    }
  }
}
