package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.Capabilities;
import dev.lamina.fuse.FuseDevice;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.fuse.Transport;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/**
 * The transport that uses libfuse 2, which identifies objects by path. It needs the library ({@link
 * Libfuse}) and /dev/fuse, and for users other than root the program fusermount.
 */
public final class LibfuseTransport implements Transport {
  /**
   * There are no flags of RENAME. There are lifetimes for each entry (see {@link Lifetimes}), and
   * attributes of open files without a name (see {@link Orphans}), but not of removed directories.
   * The library gives each name an inode of its own, and has no operation to say that two names are
   * one object.
   */
  private static final Capabilities CAPABILITIES =
      new Capabilities(false, true, true, false, false, false);

  /**
   * Offsets in libfuse's {@code struct fuse_conn_info}: the protocol's minor version, what the
   * kernel offers and what is wanted. Offers and wishes are {@link InitFlags}.
   */
  private static final int PROTO_MINOR = 4;

  private static final int CAPABLE = 20;
  private static final int WANT = 24;

  private final int maxWorkers;
  private Throwable initFailure;
  private boolean isInitialized;

  /**
   * @param maxWorkers the number of requests served concurrently; not too few, since each may be a
   *     copy-up of gigabytes
   */
  public LibfuseTransport(int maxWorkers) {
    this.maxWorkers = maxWorkers;
  }

  /**
   * {@inheritDoc}
   *
   * <p>{@link FuseFileSystem#destroy} is called if and only if {@link FuseFileSystem#init} has been
   * called, even if that failed.
   */
  @Override
  public void serve(FuseFileSystem fileSystem, MountRequest request) throws MountException {
    Libfuse library = Libfuse.load();
    // The message of libfuse would be less clear.
    FuseDevice.open().close();
    checkMountPoint(request.mountPoint());
    NativeStrings mountOptions = MountOptions.mount(request);
    NativeStrings mountPoint = new NativeStrings(request.mountPoint());
    long channel = library.fuse_mount(mountPoint.string(0), mountOptions.arguments());
    library.fuse_opt_free_args(mountOptions.arguments());
    Reference.reachabilityFence(mountOptions);
    if (channel == 0) {
      throw new MountException(
          "libfuse cannot mount on " + text(request.mountPoint()) + " for the reason given above");
    }
    // Programs that the daemon starts must not inherit the device, or the mount would outlive it.
    Linux.fcntl(library.fuse_chan_fd(channel), Linux.F_SETFD, Linux.FD_CLOEXEC);
    try {
      serve(fileSystem, library, channel, request.mountPoint(), mountPoint);
    } catch (RuntimeException | LinkageError e) {
      Fusermount.unmount(request.mountPoint(), true);
      throw new MountException("cannot use libfuse 2: " + e, e);
    }
    Reference.reachabilityFence(mountPoint);
    if (initFailure != null) {
      throw new MountException("cannot start the file system: " + initFailure, initFailure);
    }
  }

  private void serve(
      FuseFileSystem fileSystem,
      Libfuse library,
      long mounted,
      byte[] mountPointBytes,
      NativeStrings mountPoint)
      throws MountException {
    MountState state = new MountState(fileSystem);
    Channel channel = new Channel(library, mounted, state);
    Session[] session = new Session[1];
    OperationTable operations =
        new OperationTable(
            state,
            channel,
            (request, connection) -> {
              LibfuseNotifier notifier = new LibfuseNotifier(library, channel, session[0]);
              init(state, notifier, session[0], connection);
              return 0;
            });
    NativeStrings options = MountOptions.library();
    long fuse =
        new FuseNew()
            .call(channel.address(), options.arguments(), operations.address(), operations.size());
    library.fuse_opt_free_args(options.arguments());
    Reference.reachabilityFence(options);
    if (fuse == 0) {
      library.fuse_unmount(mountPoint.string(0), mounted);
      throw new MountException("libfuse cannot serve the file system for the reason given above");
    }
    try {
      session[0] = new Session(library, state, channel, fuse, mountPointBytes, maxWorkers);
      if (session[0].serve()) {
        unmountIfDead(mountPointBytes);
      }
    } finally {
      library.fuse_unmount(mountPoint.string(0), mounted);
      // Frees the session's channel as well.
      library.fuse_destroy(fuse);
      Reference.reachabilityFence(operations);
      Reference.reachabilityFence(channel);
      state.close();
      if (isInitialized) {
        fileSystem.destroy();
      }
    }
  }

  private void init(MountState state, LibfuseNotifier notifier, Session session, long connection) {
    state.cachePolicy().init(Memory.getInt(connection + PROTO_MINOR));
    int capable = Memory.getInt(connection + CAPABLE);
    int want = Memory.getInt(connection + WANT);
    Memory.putInt(connection + WANT, want | capable & (int) InitFlags.DONT_MASK);
    try {
      isInitialized = true;
      state.fileSystem().init(CAPABILITIES, notifier);
    } catch (Throwable e) {
      initFailure = e;
      session.exit();
    }
  }

  /**
   * Unmounts a mount whose connection was aborted (through /sys/fs/fuse/connections): libfuse
   * assumes that it is unmounted. A failure is ignored.
   */
  private static void unmountIfDead(byte[] mountPoint) {
    if (isDead(mountPoint)) {
      Fusermount.unmount(mountPoint, true);
    }
  }

  /**
   * Returns whether a mount without a connection is there. Attributes may still be cached, so
   * statfs is used, which never is. This waits for the daemon if there is one.
   */
  private static boolean isDead(byte[] mountPoint) {
    int fd = Linux.openat(Linux.AT_FDCWD, mountPoint, OpenFlags.O_PATH, 0);
    if (fd < 0) {
      return fd == -Errno.ENOTCONN;
    }
    int result = Linux.fstatfs(fd, new FileSystemStat());
    Linux.close(fd);
    return result == -Errno.ENOTCONN;
  }

  private static void checkMountPoint(byte[] mountPoint) throws MountException {
    Stat stat = new Stat();
    int result = Linux.statx(Linux.AT_FDCWD, mountPoint, stat);
    if (isDead(mountPoint)) {
      throw new MountException(
          "cannot mount on "
              + text(mountPoint)
              + ": the daemon of the mount there has ended; unmount it first with lamina umount");
    }
    if (result < 0) {
      throw new MountException(
          "cannot mount on " + text(mountPoint) + ": " + Errno.message(-result));
    }
    if (!stat.isDirectory()) {
      throw new MountException("cannot mount on " + text(mountPoint) + ": not a directory");
    }
  }

  private static String text(byte[] path) {
    return new String(path, StandardCharsets.ISO_8859_1);
  }
}
