package dev.lamina.union.upper;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.Layer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for space on the upper. A deleted file is kept open until the kernel's FORGET, which may
 * still be on its way, or in another thread's hands, when the next write needs the space. (ext4
 * likewise tries again while freed blocks wait for a commit.)
 */
public final class SpaceWait {
  /** The waits double from one millisecond, 127 ms in all: threads wait for processors. */
  private static final int MAX_WAITS = 7;

  /** Space may have been freed between a failure and the question whether to try again. */
  private static final int TRIES_AT_ONCE = 2;

  private final Layer top;

  /**
   * @param top the topmost layer of the mount
   */
  public SpaceWait(Layer top) {
    this.top = top;
  }

  /**
   * Waits a little if a deleted file is kept open.
   *
   * @param attempt how often the operation that needs space has failed before
   * @return whether to try again
   */
  public boolean await(int attempt) {
    if (!(top instanceof DirectoryLayer upper && upper.keepsNameless())) {
      return attempt < TRIES_AT_ONCE;
    }
    if (attempt >= MAX_WAITS) {
      return false;
    }
    ServiceThreads.block(
        () -> {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1L << attempt));
          return 0;
        });
    return true;
  }
}
