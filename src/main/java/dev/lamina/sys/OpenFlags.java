package dev.lamina.sys;

/** The flags of open(2), with the values of the running architecture. */
public final class OpenFlags {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_ACCMODE = 3;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_NOCTTY = 0400;
  public static final int O_TRUNC = 01000;
  public static final int O_APPEND = 02000;
  public static final int O_NONBLOCK = 04000;
  public static final int O_DSYNC = 010000;
  public static final int O_SYNC = 04010000;
  public static final int O_NOATIME = 01000000;
  public static final int O_CLOEXEC = 02000000;
  public static final int O_PATH = 010000000;
  public static final int O_DIRECT = Architecture.IS_AARCH64 ? 0200000 : 040000;
  public static final int O_DIRECTORY = Architecture.IS_AARCH64 ? 040000 : 0200000;
  public static final int O_NOFOLLOW = Architecture.IS_AARCH64 ? 0100000 : 0400000;

  /** Creates an unnamed file in the given directory; includes {@link #O_DIRECTORY}. */
  public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

  private OpenFlags() {}

  /** Returns true if the access mode in {@code flags} allows writing. */
  public static boolean isWritable(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY;
  }
}
