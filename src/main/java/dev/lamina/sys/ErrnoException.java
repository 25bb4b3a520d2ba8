package dev.lamina.sys;

/**
 * A failure with an error number, as the caller of a request gets it. It has no stack trace, and
 * there is one object for each errno: failures are part of normal work (EEXIST, ENOTEMPTY, ENODATA)
 * and must cost nothing.
 */
public class ErrnoException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int CACHED = 134;
  private static final ErrnoException[] CACHE = new ErrnoException[CACHED];

  static {
    for (int errno = 1; errno < CACHED; errno++) {
      CACHE[errno] = new ErrnoException(errno);
    }
  }

  private final int errno;

  /** Makes an exception of a subclass, which has no stack trace either. */
  protected ErrnoException(int errno) {
    super(Errno.name(errno), null, false, false);
    this.errno = errno;
  }

  /** Returns the exception for a positive error number; an impossible number becomes EIO. */
  public static ErrnoException of(int errno) {
    return errno > 0 && errno < CACHED ? CACHE[errno] : CACHE[Errno.EIO];
  }

  /**
   * Returns the result of a system call, or throws an exception for its error.
   *
   * @param result a value, or a negative errno
   * @return the value
   * @throws ErrnoException with that errno
   */
  public static int check(int result) throws ErrnoException {
    if (result < 0) {
      throw of(-result);
    }
    return result;
  }

  /** Does the same for a call with a long result. */
  public static long check(long result) throws ErrnoException {
    if (result < 0) {
      throw of((int) -result);
    }
    return result;
  }

  /** Returns true when the file system is full (ENOSPC) or a quota is exhausted (EDQUOT). */
  public final boolean isNoSpace() {
    return errno == Errno.ENOSPC || errno == Errno.EDQUOT;
  }

  /** Returns the positive error number, see {@link Errno}. */
  public final int errno() {
    return errno;
  }
}
