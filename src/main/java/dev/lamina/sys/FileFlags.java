package dev.lamina.sys;

/** The inode flags of ioctl_iflags(2), and the commands that read and set them. */
public final class FileFlags {
  /** Reads the flags (linux/fs.h); the argument is an int. */
  public static final long FS_IOC_GETFLAGS = 0x80086601L;

  /** See {@link #FS_IOC_GETFLAGS}. */
  public static final long FS_IOC_SETFLAGS = 0x40086602L;

  /** Reads the flags and the project number; the argument is a {@code struct fsxattr}. */
  public static final long FS_IOC_FSGETXATTR = 0x801c581fL;

  /** See {@link #FS_IOC_FSGETXATTR}. */
  public static final long FS_IOC_FSSETXATTR = 0x401c5820L;

  /** The file is written synchronously. */
  public static final int FS_SYNC_FL = 0x08;

  public static final int FS_IMMUTABLE_FL = 0x10;
  public static final int FS_APPEND_FL = 0x20;
  public static final int FS_NOATIME_FL = 0x80;

  /** A flag of the first member of {@code struct fsxattr}. */
  public static final int FS_XFLAG_IMMUTABLE = 0x08;

  public static final int FS_XFLAG_APPEND = 0x10;

  /** The size of {@code struct fsxattr} in bytes. */
  public static final int STRUCT_SIZE = 28;

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
