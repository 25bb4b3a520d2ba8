package dev.lamina.union;

import dev.lamina.sys.ErrnoException;

/**
 * Reads that come after a change that was asked for is made. An error would tell its caller that
 * nothing has changed, so a read that fails is tried again before it is one.
 */
final class AfterChange {
  private static final int TRIES = 3;

  private AfterChange() {}

  /** Reads something, or throws what that failed with. */
  @FunctionalInterface
  interface Read {
    void run() throws ErrnoException;
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
