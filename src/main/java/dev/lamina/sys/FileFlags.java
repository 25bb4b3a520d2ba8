package dev.lamina.sys;

/** The inode flags of ioctl_iflags(2), and the commands that read and set them. */
public final class FileFlags {
  /** FS_IOC_GETFLAGS and FS_IOC_SETFLAGS of linux/fs.h; the argument is an int of flags. */
  public static final long GETFLAGS = 0x80086601L;

  /** See {@link #GETFLAGS}. */
  public static final long SETFLAGS = 0x40086602L;

  /** FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR; the argument is a {@code struct fsxattr}. */
  public static final long FSGETXATTR = 0x801c581fL;

  /** See {@link #FSGETXATTR}. */
  public static final long FSSETXATTR = 0x401c5820L;

  /** FS_SYNC_FL, FS_IMMUTABLE_FL, FS_APPEND_FL and FS_NOATIME_FL. */
  public static final int SYNC = 0x08;

  public static final int IMMUTABLE = 0x10;
  public static final int APPEND_ONLY = 0x20;
  public static final int NO_ACCESS_TIME = 0x80;

  /** FS_XFLAG_IMMUTABLE and FS_XFLAG_APPEND, of the first member of {@code struct fsxattr}. */
  public static final int X_IMMUTABLE = 0x08;

  public static final int X_APPEND_ONLY = 0x10;

  /** The size of {@code struct fsxattr} in bytes. */
  public static final int FSXATTR_SIZE = 28;

  private FileFlags() {}

  /**
   * Returns whether a failure of a call says that the file system has no flags. Not all say so with
   * ENOTTY: ntfs-3g, for one, does not.
   *
   * @param result of the call
   */
  public static boolean areUnsupported(int result) {
    return switch (-result) {
      case Errno.ENOTTY, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOSYS -> true;
      default -> false;
    };
  }
}
