package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Work of a file system that requests wait for, such as a copy-up. A request that has to wait has
 * changed nothing yet: it is run again from its beginning once the work has ended.
 *
 * <p>Its monitor guards nothing but its own state, and nothing is called under it.
 */
public final class LongWork {
  /** What {@link #join} returns while the work goes on. */
  public static final int UNDER_WAY = -1;

  /** Looks at whether a waiting thread's caller still wants its answer. */
  private static final long LOOK_MILLIS = 50;

  /** Who waits. */
  @FunctionalInterface
  public interface Waiter {
    /**
     * The work has ended. Called once, by the thread that did it, which has other things to do.
     *
     * @param errno 0 to run the request again, else what to answer it with
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
   * @param nodeid of the object that is worked on, which the kernel knows
   */
  public LongWork(long nodeid) {
    this.nodeid = nodeid;
  }

  /** Of the object that is worked on. */
  public long nodeid() {
    return nodeid;
  }

  /** From now on the work ends early where nobody waits for it any more. */
  public synchronized void allowAbandoning() {
    isAbandonable = true;
  }

  /**
   * Has somebody told of the end.
   *
   * @return {@link #UNDER_WAY}, or how the work has ended: then nobody is told of it
   */
  public synchronized int join(Waiter waiter) {
    if (outcome == UNDER_WAY) {
      waiters.add(waiter);
    }
    return outcome;
  }

  /** Somebody does not wait any longer. The last one to leave abandons the work. */
  public synchronized void leave(Waiter waiter) {
    if (outcome == UNDER_WAY && waiters.remove(waiter) && waiters.isEmpty()) {
      isAbandoned = isAbandonable;
    }
  }

  /** The work is to end early, whoever waits. */
  public synchronized void abandon() {
    isAbandoned = true;
  }

  /** Whether the result is wanted no more. */
  public synchronized boolean isAbandoned() {
    return isAbandoned;
  }

  /**
   * The work has ended. Whoever began to wait after it was abandoned has to begin anew.
   *
   * @param errno 0 where there is something to run the requests again for, else what they get
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
        Log.error(LongWork.class, "one who waited is not told of the end", e);
      }
    }
  }

  /**
   * Waits in the calling thread, which other threads of the service stand in for meanwhile.
   *
   * @param isGivenUp asked now and then whether to wait no longer
   * @return 0 to run the request again, else the errno to answer it with
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
