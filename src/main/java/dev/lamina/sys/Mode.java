package dev.lamina.sys;

/** The file types and permission bits of inode(7), which are the same on every architecture. */
public final class Mode {
  public static final int S_IFMT = 0170000;
  public static final int S_IFSOCK = 0140000;
  public static final int S_IFLNK = 0120000;
  public static final int S_IFREG = 0100000;
  public static final int S_IFBLK = 0060000;
  public static final int S_IFDIR = 0040000;
  public static final int S_IFCHR = 0020000;
  public static final int S_IFIFO = 0010000;
  public static final int S_ISUID = 04000;
  public static final int S_ISGID = 02000;
  public static final int S_ISVTX = 01000;

  /** All bits that chmod(2) can set. */
  public static final int PERMISSIONS = 07777;

  private Mode() {}

  /** Returns the type bits of {@code mode}: one of the {@code S_IF} constants. */
  public static int type(int mode) {
    return mode & S_IFMT;
  }

  public static boolean isDirectory(int mode) {
    return type(mode) == S_IFDIR;
  }

  public static boolean isRegular(int mode) {
    return type(mode) == S_IFREG;
  }

  public static boolean isSymlink(int mode) {
    return type(mode) == S_IFLNK;
  }

  public static boolean isDevice(int mode) {
    return type(mode) == S_IFCHR || type(mode) == S_IFBLK;
  }

  /**
   * Returns the {@code d_type} of getdents64(2) for a file type; the inverse of {@link
   * #fromDirentType}.
   */
  public static int toDirentType(int mode) {
    return type(mode) >> 12;
  }

  /** Returns the {@code S_IF} type for a {@code d_type}; 0 for DT_UNKNOWN. */
  public static int fromDirentType(int direntType) {
    return direntType << 12;
  }
}
