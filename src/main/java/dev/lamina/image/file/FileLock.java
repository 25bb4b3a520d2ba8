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
 * A lock between processes, and between threads of one: flock(2) of a file, which is made when it
 * is missing. It goes with the process, however that ends.
 *
 * <p>The file may be removed by who holds it exclusively: whoever then gets the lock of a file that
 * is not there any more begins again with the new one.
 */
public final class FileLock implements AutoCloseable {
  private static final int FLAGS = OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;

  private static final long PAUSE_MILLIS = 20;

  private final Path path;
  private final Fd fd;

  private FileLock(Path path, Fd fd) {
    this.path = path;
    this.fd = fd;
  }

  /** Waits until nobody else has it. */
  public static FileLock exclusive(Path path) throws IOException {
    return acquire(path, Linux.LOCK_EX);
  }

  /** Waits until nobody has it exclusively. */
  public static FileLock shared(Path path) throws IOException {
    return acquire(path, Linux.LOCK_SH);
  }

  /** Null when somebody has it. */
  public static FileLock tryExclusive(Path path) throws IOException {
    return acquire(path, Linux.LOCK_EX | Linux.LOCK_NB);
  }

  /** Waits until nobody else has it, or this thread is interrupted. */
  public static FileLock exclusiveInterruptibly(Path path) throws IOException {
    FileLock lock = tryExclusive(path);
    while (lock == null) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for " + path);
      }
      lock = tryExclusive(path);
    }
    return lock;
  }

  /**
   * Whether somebody has it exclusively. Looking takes it shared for a moment, in which {@link
   * #tryExclusive} fails; nothing is written.
   */
  public static boolean isHeld(Path path) throws IOException {
    int opened = open(path, OpenFlags.O_RDONLY);
    if (opened == -Errno.ENOENT || opened == -Errno.ENOTDIR) {
      return false;
    }
    check(opened, path);
    try (Fd fd = new Fd(opened)) {
      int result = Linux.flock(fd.number(), Linux.LOCK_SH | Linux.LOCK_NB);
      if (result == -Errno.EAGAIN) {
        return true;
      }
      check(result, path);
      return false;
    }
  }

  private static int open(Path path, int flags) {
    return Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(path), FLAGS | flags, 0600);
  }

  private static FileLock acquire(Path path, int operation) throws IOException {
    while (true) {
      int opened = open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT);
      if (opened == -Errno.EROFS) {
        // What cannot be written to can be locked.
        int readable = open(path, OpenFlags.O_RDONLY);
        opened = readable == -Errno.ENOENT ? opened : readable;
      }
      check(opened, path);
      Fd fd = new Fd(opened);
      int result = Linux.flock(opened, operation);
      if (result == -Errno.EAGAIN) {
        fd.close();
        return null;
      }
      if (result < 0) {
        fd.close();
        check(result, path);
      }
      try {
        if (isStill(path, opened)) {
          return new FileLock(path, fd);
        }
      } catch (IOException e) {
        fd.close();
        throw e;
      }
      fd.close();
    }
  }

  private static boolean isStill(Path path, int fd) throws IOException {
    Stat own = new Stat();
    Stat there = new Stat();
    check(Linux.fstat(fd, own), path);
    int result = Linux.statx(Linux.AT_FDCWD, HostPaths.bytes(path), there);
    if (result == -Errno.ENOENT) {
      return false;
    }
    check(result, path);
    return own.ino == there.ino && own.dev == there.dev;
  }

  private static void check(int result, Path path) throws ImageException {
    if (result < 0) {
      throw new ImageException("cannot lock " + path + ": " + Errno.message(-result));
    }
  }

  /** The number of its descriptor, which stays its own. */
  int number() {
    return fd.number();
  }

  /** Takes the file away, which must be held exclusively, and the lock with it. */
  public void remove() {
    Linux.unlinkat(Linux.AT_FDCWD, HostPaths.bytes(path), 0);
    close();
  }

  @Override
  public void close() {
    fd.close();
  }
}
