package dev.lamina.union.upper;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/** Tells whether one directory lies in another of the same file system. */
final class Ancestry {
  private static final byte[] DOT_DOT = {'.', '.'};

  private Ancestry() {}

  /** Returns whether the two are the same directory or one lies in the other. */
  static boolean overlap(int a, int b) throws ErrnoException {
    return isWithin(a, b) || isWithin(b, a);
  }

  /**
   * Returns whether {@code inner} is {@code outer} or lies in it. Both descriptors remain the
   * caller's. If the daemon may not search a directory on the way up, the answer is no.
   */
  static boolean isWithin(int inner, int outer) throws ErrnoException {
    Stat wanted = new Stat();
    Stat at = new Stat();
    ErrnoException.check(Linux.fstat(outer, wanted));
    ErrnoException.check(Linux.fstat(inner, at));
    int fd = inner;
    try {
      // A layer never shows another file system, so the walk ends where this one does.
      while (at.dev == wanted.dev) {
        if (at.ino == wanted.ino) {
          return true;
        }
        long below = at.ino;
        int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
        int parent = Linux.openat(fd, DOT_DOT, flags, 0);
        if (fd != inner) {
          Linux.close(fd);
        }
        fd = parent;
        if (fd == -Errno.EACCES) {
          return false;
        }
        ErrnoException.check(fd);
        ErrnoException.check(Linux.fstat(fd, at));
        if (at.ino == below && at.dev == wanted.dev) {
          return false;
        }
      }
      return false;
    } finally {
      if (fd >= 0 && fd != inner) {
        Linux.close(fd);
      }
    }
  }
}
