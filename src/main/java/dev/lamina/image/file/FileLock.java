package dev.lamina.image.file;

import dev.lamina.image.ImageException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;

/**
 * A lock between processes, and between threads of one process: flock(2) on a file, which is
 * created if it is missing. The kernel releases the lock when the process ends, however it ends.
 *
 * <p>A process that holds the lock exclusively may remove the file. A process that then gets the
 * lock on the removed file starts again with the new file of that name.
 */
public final class FileLock implements AutoCloseable {
  private static final int FLAGS = OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
  private static final String LOCK = "lock";
  private static final int OWNERS_MODE = 0600;
  private static final long PAUSE_MILLIS = 20;

  private final HostFile file;
  private final Fd fd;

  private FileLock(HostFile file, Fd fd) {
    this.file = file;
    this.fd = fd;
  }

  /** Waits until no one else holds the lock. */
  public static FileLock exclusive(Path path) throws IOException {
    return exclusive(HostFile.at(path), OWNERS_MODE);
  }

  /**
   * Waits until no one else holds the lock.
   *
   * @param mode of the file, if it is created
   */
  public static FileLock exclusive(HostFile file, int mode) throws IOException {
    return acquire(file, mode, Linux.LOCK_EX);
  }

  /** Waits until no one holds the lock exclusively. */
  public static FileLock shared(Path path) throws IOException {
    return acquire(path, Linux.LOCK_SH);
  }

  /** Returns null if someone holds the lock. */
  public static FileLock tryExclusive(Path path) throws IOException {
    return acquire(path, Linux.LOCK_EX | Linux.LOCK_NB);
  }

  /** Waits until no one else holds the lock or this thread is interrupted. */
  public static FileLock exclusiveInterruptibly(Path path) throws IOException {
    FileLock lock = tryExclusive(path);
    while (lock == null) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(
            "interrupted while waiting for the lock " + HostPaths.text(path));
      }
      lock = tryExclusive(path);
    }
    return lock;
  }

  /**
   * Locks an open file exclusively; the lock lasts until the file is closed.
   *
   * @param shown the file, for messages
   * @return false if someone else holds the lock
   */
  public static boolean tryLock(Fd file, String shown) throws ImageException {
    return flock(file, Linux.LOCK_EX | Linux.LOCK_NB, shown);
  }

  /**
   * Returns true if someone holds the lock exclusively. The test holds the lock shared for a
   * moment, during which {@link #tryExclusive} fails; it writes nothing.
   */
  public static boolean isHeld(Path path) throws IOException {
    HostFile file = HostFile.at(path);
    int opened = file.open(FLAGS | OpenFlags.O_RDONLY, 0);
    if (opened == -Errno.ENOENT || opened == -Errno.ENOTDIR) {
      return false;
    }
    file.check(opened, LOCK);
    try (Fd fd = new Fd(opened)) {
      return !flock(fd, Linux.LOCK_SH | Linux.LOCK_NB, file.toString());
    }
  }

  private static FileLock acquire(Path path, int operation) throws IOException {
    return acquire(HostFile.at(path), OWNERS_MODE, operation);
  }

  private static FileLock acquire(HostFile file, int mode, int operation) throws IOException {
    while (true) {
      Fd fd = open(file, mode);
      boolean isKept = false;
      try {
        if (!flock(fd, operation, file.toString())) {
          return null;
        }
        if (isStill(file, fd)) {
          isKept = true;
          return new FileLock(file, fd);
        }
      } finally {
        if (!isKept) {
          fd.close();
        }
      }
    }
  }

  private static Fd open(HostFile file, int mode) throws ImageException {
    int opened = file.open(FLAGS | OpenFlags.O_RDWR | OpenFlags.O_CREAT, mode);
    if (opened == -Errno.EROFS) {
      // A file on a read-only file system can be locked all the same.
      int readable = file.open(FLAGS | OpenFlags.O_RDONLY, 0);
      opened = readable == -Errno.ENOENT ? opened : readable;
    }
    file.check(opened, LOCK);
    return new Fd(opened);
  }

  /** Returns false if the operation does not wait and someone else holds the lock. */
  private static boolean flock(Fd fd, int operation, String shown) throws ImageException {
    int result = Linux.flock(fd.number(), operation);
    if (result == -Errno.EAGAIN) {
      return false;
    }
    HostFile.check(result, LOCK, shown);
    return true;
  }

  /** Returns true if the name still refers to the file that has been opened. */
  private static boolean isStill(HostFile file, Fd fd) throws ImageException {
    Stat own = new Stat();
    Stat current = new Stat();
    file.check(Linux.fstat(fd.number(), own), LOCK);
    int result = file.stat(current);
    if (result == -Errno.ENOENT) {
      return false;
    }
    file.check(result, LOCK);
    return own.ino == current.ino && own.dev == current.dev;
  }

  /** Removes the file, which must be locked exclusively, and releases the lock. */
  public void remove() {
    file.discard();
    close();
  }

  @Override
  public void close() {
    fd.close();
  }
}
