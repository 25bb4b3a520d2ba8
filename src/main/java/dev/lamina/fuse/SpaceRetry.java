package dev.lamina.fuse;

import dev.lamina.sys.ErrnoException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Runs an operation again that failed with ENOSPC or EDQUOT, as long as space may still be freed.
 *
 * <p>A deleted file takes its space until the kernel has sent the FORGET for it. That request may
 * still be on its way, or in the hands of another thread, when the next write needs the space: a
 * caller that deletes a file and then writes another one must not be told that the disk is full.
 * (ext4 retries in the same way while freed blocks wait for a commit.)
 */
public final class SpaceRetry {
  /** Retries while space is kept. The waits double from one millisecond: 127 ms in all. */
  private static final int MAX_WAITS = 7;

  /**
   * Retries, without waiting, when no space is kept: some may have been freed between the failure
   * and the question.
   */
  private static final int IMMEDIATE_RETRIES = 2;

  private final BooleanSupplier keepsDeleted;

  /**
   * An operation that leaves everything as it was when it fails for want of space.
   *
   * @param <A> what it works on
   */
  @FunctionalInterface
  public interface Operation<A> {
    /** Runs the operation; what the result means is the caller's affair. */
    int run(A argument) throws ErrnoException;
  }

  /**
   * @param keepsDeleted see {@link FuseFileSystem#keepsDeleted}
   */
  public SpaceRetry(BooleanSupplier keepsDeleted) {
    this.keepsDeleted = keepsDeleted;
  }

  /**
   * Runs an operation until it succeeds, fails with another error, or no more space can be
   * expected. Allocates nothing.
   *
   * @return what the operation returned
   * @throws ErrnoException the last failure of the operation
   */
  public <A> int run(Operation<A> operation, A argument) throws ErrnoException {
    for (int attempt = 0; ; attempt++) {
      try {
        return operation.run(argument);
      } catch (ErrnoException e) {
        if (!e.isNoSpace() || !await(attempt)) {
          throw e;
        }
      }
    }
  }

  /**
   * Waits a little while space is kept.
   *
   * @param attempt how often the operation has failed before
   * @return whether to try again
   */
  private boolean await(int attempt) {
    if (!keepsDeleted.getAsBoolean()) {
      return attempt < IMMEDIATE_RETRIES;
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
