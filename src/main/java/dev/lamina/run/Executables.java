package dev.lamina.run;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/** Checks whether programs in a root file system can be executed. */
final class Executables {
  private static final int ANYBODY = 0111;

  enum Kind {
    /** A regular file with at least one execute bit. */
    EXECUTABLE,
    /** Any other object: not even root can execute it. */
    NOT_EXECUTABLE,
    /** Nothing is found at the path. */
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
