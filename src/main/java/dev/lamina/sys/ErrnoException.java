package dev.lamina.sys;

/**
 * A failure that is an error number, such as the caller of a request gets. It has no stack trace
 * and there is one object per errno: failing is part of normal work (EEXIST, ENOTEMPTY, ENODATA)
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

  /** For what is more than an errno; it has no stack trace either. */
  protected ErrnoException(int errno) {
    super(Errno.name(errno), null, false, false);
    this.errno = errno;
  }

  /** The exception for a positive error number; an impossible number becomes EIO. */
  public static ErrnoException of(int errno) {
    return errno > 0 && errno < CACHED ? CACHE[errno] : CACHE[Errno.EIO];
  }

  /**
   * Passes on the result of a system call.
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

  /** The same for a call with a wide result. */
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

  /** Positive error number, see {@link Errno}. */
  public final int errno() {
    return errno;
  }
}
