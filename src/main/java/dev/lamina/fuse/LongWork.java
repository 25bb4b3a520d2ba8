package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Work of a file system that requests wait for, such as a copy-up. A request that has to wait has
 * changed nothing yet: it is run again from the beginning when the work has ended.
 *
 * <p>The monitor guards only the state of this object, and no other code is called while it is
 * held.
 */
public final class LongWork {
  /** What {@link #join} returns while the work goes on. */
  public static final int UNDER_WAY = -1;

  /** How often a waiting thread checks whether its caller still wants the answer. */
  private static final long LOOK_MILLIS = 50;

  /** A request that waits. */
  @FunctionalInterface
  public interface Waiter {
    /**
     * Called once when the work has ended, by the thread that did it; must return quickly.
     *
     * @param errno 0 to run the request again, otherwise the errno to answer it with
     */
    void ended(int errno);
  }

  private final long nodeid;

  // All guarded by the monitor.
  private List<Waiter> waiters = new ArrayList<>(2);
  private boolean isAbandonable;
  private boolean isAbandoned;
  private int outcome = UNDER_WAY;

  /**
   * @param nodeid the nodeid of the object that is worked on, which the kernel knows
   */
  public LongWork(long nodeid) {
    this.nodeid = nodeid;
  }

  /** Returns the nodeid of the object that is worked on. */
  public long nodeid() {
    return nodeid;
  }

  /** Allows the work to end early from now on when no request waits for it any more. */
  public synchronized void allowAbandoning() {
    isAbandonable = true;
  }

  /**
   * Adds a waiter, which will be told when the work ends.
   *
   * @return {@link #UNDER_WAY}, or the outcome if the work has already ended: the waiter is then
   *     not called
   */
  public synchronized int join(Waiter waiter) {
    if (outcome == UNDER_WAY) {
      waiters.add(waiter);
    }
    return outcome;
  }

  /** Removes a waiter. The last one to leave abandons the work. */
  public synchronized void leave(Waiter waiter) {
    if (outcome == UNDER_WAY && waiters.remove(waiter) && waiters.isEmpty()) {
      isAbandoned = isAbandonable;
    }
  }

  /** Makes the work end early even if requests wait for it. */
  public synchronized void abandon() {
    isAbandoned = true;
  }

  /** Returns whether the work should end early, because its result is not wanted any more. */
  public synchronized boolean isAbandoned() {
    return isAbandoned;
  }

  /**
   * Ends the work and tells all waiters. Requests that began to wait after the work was abandoned
   * are run again.
   *
   * @param errno 0 to run the requests again, otherwise the errno to answer them with
   */
  public void end(int errno) {
    List<Waiter> told;
    int result;
    synchronized (this) {
      result = isAbandoned && errno == Errno.EINTR ? 0 : errno;
      outcome = result;
      told = waiters;
      waiters = List.of();
    }
    for (Waiter waiter : told) {
      try {
        waiter.ended(result);
      } catch (RuntimeException | Error e) {
        Log.error(LongWork.class, "a request that waited for a copy-up could not be resumed", e);
      }
    }
  }

  /**
   * Waits in the calling thread, which another thread of the service replaces meanwhile.
   *
   * @param isGivenUp asked from time to time whether to stop waiting
   * @return 0 to run the request again, otherwise the errno to answer it with
   */
  public int await(BooleanSupplier isGivenUp) {
    return ServiceThreads.block(
        () -> {
          BlockedWaiter waiter = new BlockedWaiter();
          int ended = join(waiter);
          return ended == UNDER_WAY ? waiter.await(this, isGivenUp) : ended;
        });
  }

  private static final class BlockedWaiter implements Waiter {
    private int result = UNDER_WAY;

    @Override
    public synchronized void ended(int errno) {
      result = errno;
      notifyAll();
    }

    private synchronized int result() throws InterruptedException {
      if (result == UNDER_WAY) {
        wait(LOOK_MILLIS);
      }
      return result;
    }

    int await(LongWork work, BooleanSupplier isGivenUp) {
      try {
        int ended = result();
        while (ended == UNDER_WAY) {
          if (isGivenUp.getAsBoolean()) {
            work.leave(this);
            return Errno.EINTR;
          }
          ended = result();
        }
        return ended;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        work.leave(this);
        return Errno.EINTR;
      }
    }
  }
}
