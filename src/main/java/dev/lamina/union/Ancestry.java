package dev.lamina.union;

import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/** Whether one directory lies in another of the same file system. */
final class Ancestry {
  private static final byte[] DOT_DOT = {'.', '.'};

  private Ancestry() {}

  /** True when the two are the same or one lies in the other. */
  static boolean overlap(int a, int b) {
    return isWithin(a, b) || isWithin(b, a);
  }

  /** True when {@code inner} is {@code outer} or lies in it; both stay the caller's. */
  static boolean isWithin(int inner, int outer) {
    Stat wanted = new Stat();
    Stat at = new Stat();
    if (Linux.fstat(outer, wanted) < 0 || Linux.fstat(inner, at) < 0) {
      return false;
    }
    int fd = inner;
    try {
      // Another file system is never seen through a layer, so the walk ends where this one does.
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
        if (fd < 0 || Linux.fstat(fd, at) < 0 || at.ino == below && at.dev == wanted.dev) {
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
