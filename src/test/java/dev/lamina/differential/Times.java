package dev.lamina.differential;

import dev.lamina.sys.Linux;

/** The two times of utimensat(2); nanoseconds may be UTIME_NOW or UTIME_OMIT. */
record Times(long atimeSeconds, int atimeNanos, long mtimeSeconds, int mtimeNanos) {
  /** utimensat(2) on a name or, with an empty one, on a descriptor. */
  long set(int dirfd, byte[] name) {
    return Linux.utimensat(dirfd, name, atimeSeconds, atimeNanos, mtimeSeconds, mtimeNanos);
  }

  @Override
  public String toString() {
    return "atime=" + print(atimeSeconds, atimeNanos) + " mtime=" + print(mtimeSeconds, mtimeNanos);
  }

  private static String print(long seconds, int nanos) {
    return switch (nanos) {
      case Linux.UTIME_NOW -> "now";
      case Linux.UTIME_OMIT -> "omit";
      default -> String.format("%d.%09d", seconds, nanos);
    };
  }
}
