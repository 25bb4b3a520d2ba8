package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.MountException;
import jnr.ffi.LibraryLoader;
import ru.serce.jnrfuse.LibFuse;

/**
 * The functions of libfuse 2.9 that jnr-fuse's binding leaves out: together with {@link FuseNew}
 * those that fuse_main() consists of. Pointers are passed as addresses, so that a call allocates no
 * objects; int and long are those of C on the 64-bit architectures that Lamina runs on.
 *
 * <p>fuse_main() itself is not used. It replaces the JVM's signal handlers, serves on threads that
 * it starts and ends as the load changes, and does not tell why it failed. Each of its threads
 * would be attached to the JVM and detached again for every one of its first thousand upcalls (25
 * to 140 µs each). Its parts, called from Java threads, have no such cost and install no handlers.
 * (libfuse 2 changes neither the current directory nor the umask unless it daemonizes.)
 */
public interface Libfuse extends LibFuse {
  /** Mounts, and returns a channel, or 0 after writing the reason to standard error. */
  long fuse_mount(long mountPoint, long arguments);

  /** Unmounts if still mounted, closes the device and frees the channel. */
  void fuse_unmount(long mountPoint, long channel);

  void fuse_destroy(long fuse);

  long fuse_get_session(long fuse);

  int fuse_chan_fd(long channel);

  long fuse_chan_bufsize(long channel);

  /** Handles a request: calls the operations and sends the reply. */
  void fuse_session_process_buf(long session, long buffer, long channel);

  /** Creates a channel with the functions of a {@code struct fuse_chan_ops}, which it copies. */
  long fuse_chan_new(long functions, int fd, long bufferSize, long data);

  /**
   * Invalidates what the kernel has cached of a node: its attributes, and its pages if the offset
   * is not negative.
   */
  int fuse_lowlevel_notify_inval_inode(long channel, long node, long offset, long length);

  /**
   * Returns whether a signal was sent to the caller of the operation that the calling thread runs.
   */
  int fuse_interrupted();

  void fuse_session_exit(long session);

  int fuse_session_exited(long session);

  void fuse_opt_free_args(long arguments);

  /** Loads the library by the name of the ABI that this interface describes. */
  static Libfuse load() throws MountException {
    try {
      return LibraryLoader.create(Libfuse.class).failImmediately().load("libfuse.so.2");
    } catch (UnsatisfiedLinkError e) {
      throw new MountException(
          "cannot load libfuse 2 (libfuse.so.2): install the package libfuse2"
              + " (some distributions call it fuse-libs or libfuse2t64)",
          e);
    }
  }
}
