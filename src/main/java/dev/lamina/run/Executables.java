package dev.lamina.run;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/** Looks for programs in a root file system. */
final class Executables {
  private static final int ANYBODY = 0111;

  enum Kind {
    /** At least to somebody. */
    EXECUTABLE,
    /** A directory, or a file that nobody may execute, root included. */
    NOT_EXECUTABLE,
    MISSING
  }

  private Executables() {}

  static Kind look(RootDirectory root, String path) {
    int fd = root.find(path);
    if (fd < 0) {
      return Kind.MISSING;
    }
    try {
      Stat stat = new Stat();
      boolean may = Linux.fstat(fd, stat) == 0 && stat.isRegular() && (stat.mode & ANYBODY) != 0;
      return may ? Kind.EXECUTABLE : Kind.NOT_EXECUTABLE;
    } finally {
      Linux.close(fd);
    }
  }
}
