package dev.lamina.union.upper;

import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;

/**
 * Keeps other mounts from using the same upper or work directory. The lock is flock(2) on the
 * directory, which the kernel releases even if the daemon is killed.
 */
final class DirectoryLock implements AutoCloseable {
  private static final byte[] DOT = {'.'};

  /** The daemon of a mount that was just unmounted may need a moment to end. */
  private static final int TRIES = 50;

  private static final long PAUSE_MILLIS = 100;

  private final Fd fd;

  private DirectoryLock(Fd fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock, waiting a few seconds for it if it is held.
   *
   * @param directoryFd a descriptor of the directory, which remains the caller's
   */
  static DirectoryLock take(SetupDirectory directory, int directoryFd) throws MountException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int fd = Linux.openat(directoryFd, DOT, flags, 0);
    if (fd < 0) {
      throw directory.failure(fd);
    }
    int result = lock(fd);
    if (result == 0) {
      return new DirectoryLock(new Fd(fd));
    }
    Linux.close(fd);
    if (result == -Errno.EAGAIN) {
      throw new MountException(
          "the "
              + directory
              + " is in use by another mount: unmount that one, or choose another directory");
    }
    throw directory.failure(result);
  }

  private static int lock(int fd) {
    int result = Linux.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
    for (int i = 1; i < TRIES && result == -Errno.EAGAIN; i++) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return result;
      }
      result = Linux.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
    }
    return result;
  }

  @Override
  public void close() {
    fd.close();
  }
}
