package dev.lamina.union;

import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;

/**
 * Keeps a second mount from using the same upper or work directory: flock(2) on the directory, so
 * that a daemon that dies leaves no lock behind.
 */
final class DirectoryLock implements AutoCloseable {
  private static final byte[] DOT = {'.'};

  /** The daemon of a mount just taken away may need a moment to end. */
  private static final int TRIES = 50;

  private static final long PAUSE_MILLIS = 100;

  private final Fd fd;

  private DirectoryLock(Fd fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock, waiting a few seconds for it.
   *
   * @param directory a descriptor of it, which stays the caller's
   */
  static DirectoryLock take(String what, byte[] path, int directory) throws MountException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int fd = Linux.openat(directory, DOT, flags, 0);
    if (fd < 0) {
      throw UnionSetup.failure(what, path, fd);
    }
    int result = lock(fd);
    if (result == 0) {
      return new DirectoryLock(new Fd(fd));
    }
    Linux.close(fd);
    if (result == -Errno.EAGAIN) {
      throw new MountException(
          "the " + what + " " + UnionSetup.quote(path) + " is in use by another mount");
    }
    throw UnionSetup.failure(what, path, result);
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
