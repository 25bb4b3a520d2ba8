package dev.lamina.union;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;

/**
 * What comes after a change that was asked for is made. An error would tell its caller that nothing
 * has changed, so a read that fails is tried again before it is one; and nothing may be answered
 * for which the whole request is run again.
 */
final class AfterChange {
  private static final int TRIES = 3;

  private AfterChange() {}

  /** Reads something, or throws what that failed with. */
  @FunctionalInterface
  interface Read {
    void run() throws ErrnoException;
  }

  /**
   * @param result of a further step, 0 or the negative errno
   * @throws ErrnoException with that errno; EIO instead of want of room, for which a request is run
   *     again
   */
  static void check(int result) throws ErrnoException {
    if (result < 0) {
      ErrnoException error = ErrnoException.of(-result);
      throw error.isNoSpace() ? ErrnoException.of(Errno.EIO) : error;
    }
  }

  static void read(Read read) throws ErrnoException {
    for (int left = TRIES - 1; left > 0; left--) {
      try {
        read.run();
        return;
      } catch (ErrnoException e) {
        // Once more.
        continue;
      }
    }
    read.run();
  }
}
