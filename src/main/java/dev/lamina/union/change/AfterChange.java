package dev.lamina.union.change;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;

/**
 * Steps that follow a requested change. An error would tell the caller that nothing has changed, so
 * a read that fails is tried again before the request fails, and errors for which the transport
 * would repeat the whole request are replaced.
 */
public final class AfterChange {
  private static final int TRIES = 3;

  private AfterChange() {}

  /** A read that may fail. */
  @FunctionalInterface
  public interface Read {
    void run() throws ErrnoException;
  }

  /**
   * Checks the result of a further step.
   *
   * @param result 0 or the negative errno
   * @throws ErrnoException with that errno; EIO instead of an error that says that space is
   *     missing, for which the request would be repeated
   */
  static void check(int result) throws ErrnoException {
    if (result < 0) {
      ErrnoException error = ErrnoException.of(-result);
      throw error.isNoSpace() ? ErrnoException.of(Errno.EIO) : error;
    }
  }

  /** Reads something, several times if it fails; throws the last error. */
  public static void read(Read read) throws ErrnoException {
    for (int left = TRIES - 1; left > 0; left--) {
      try {
        read.run();
        return;
      } catch (ErrnoException e) {
        // It is tried again.
        continue;
      }
    }
    read.run();
  }
}
