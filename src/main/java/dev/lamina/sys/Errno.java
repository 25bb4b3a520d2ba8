package dev.lamina.sys;

/** The error numbers of errno(3), as positive numbers. They are the same on x86-64 and aarch64. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EOVERFLOW = 75;
  public static final int EOPNOTSUPP = 95;
  public static final int ECONNABORTED = 103;
  public static final int ECONNRESET = 104;
  public static final int ENOTCONN = 107;
  public static final int ETIMEDOUT = 110;
  public static final int ECANCELED = 125;
  public static final int ESTALE = 116;
  public static final int EDQUOT = 122;

  private static final String[] NAMES = new String[134];

  static {
    String[] names = {
      "1 EPERM operation not permitted",
      "2 ENOENT no such file or directory",
      "3 ESRCH no such process",
      "4 EINTR interrupted system call",
      "5 EIO input/output error",
      "6 ENXIO no such device or address",
      "9 EBADF bad file descriptor",
      "11 EAGAIN resource temporarily unavailable",
      "12 ENOMEM cannot allocate memory",
      "13 EACCES permission denied",
      "14 EFAULT bad address",
      "16 EBUSY device or resource busy",
      "17 EEXIST file exists",
      "18 EXDEV invalid cross-device link",
      "19 ENODEV no such device",
      "20 ENOTDIR not a directory",
      "21 EISDIR is a directory",
      "22 EINVAL invalid argument",
      "23 ENFILE too many open files in system",
      "24 EMFILE too many open files",
      "25 ENOTTY inappropriate ioctl for device",
      "26 ETXTBSY text file busy",
      "27 EFBIG file too large",
      "28 ENOSPC no space left on device",
      "29 ESPIPE illegal seek",
      "30 EROFS read-only file system",
      "31 EMLINK too many links",
      "34 ERANGE numerical result out of range",
      "36 ENAMETOOLONG file name too long",
      "38 ENOSYS function not implemented",
      "39 ENOTEMPTY directory not empty",
      "40 ELOOP too many levels of symbolic links",
      "61 ENODATA no data available",
      "75 EOVERFLOW value too large for defined data type",
      "95 EOPNOTSUPP operation not supported",
      "103 ECONNABORTED software caused connection abort",
      "104 ECONNRESET connection reset by peer",
      "107 ENOTCONN transport endpoint is not connected",
      "116 ESTALE stale file handle",
      "122 EDQUOT disk quota exceeded",
      "110 ETIMEDOUT connection timed out",
      "125 ECANCELED operation canceled",
    };
    for (String entry : names) {
      int space = entry.indexOf(' ');
      NAMES[Integer.parseInt(entry.substring(0, space))] = entry.substring(space + 1);
    }
  }

  private Errno() {}

  /**
   * Returns the symbol, such as {@code ENOENT}, or {@code errno N} for a number without a constant
   * here.
   */
  public static String name(int errno) {
    String entry = entry(errno);
    return entry == null ? "errno " + errno : entry.substring(0, entry.indexOf(' '));
  }

  /** Returns the message for users: that of strerror(3) in lower case. */
  public static String message(int errno) {
    String entry = entry(errno);
    return entry == null ? "error " + errno : entry.substring(entry.indexOf(' ') + 1);
  }

  private static String entry(int errno) {
    return errno > 0 && errno < NAMES.length ? NAMES[errno] : null;
  }
}
