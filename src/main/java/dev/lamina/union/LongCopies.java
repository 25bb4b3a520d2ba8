package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that copy large files up, so that no request is kept from its answer by a copy that
 * is none of its own. They exist while there is something to copy.
 */
final class LongCopies implements AutoCloseable {
  /**
   * Bytes from which a file is copied here. To copy so many takes a millisecond or more, to hand
   * the copy over a tenth of one.
   */
  static final long LARGE = 1L << 20;

  /** Bytes from which a copy takes so long that shorter ones do not queue behind it. */
  private static final long HUGE = 64L << 20;

  /** Of each of the two kinds: more would only share the disk. */
  private static final int THREADS = 2;

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor large = threads("copy");
  private final ThreadPoolExecutor huge = threads("copy-huge");
  private final Set<LongWork> underWay = ConcurrentHashMap.newKeySet();

  private static ThreadPoolExecutor threads(String name) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /**
   * Has a copy made by one of the threads.
   *
   * @param size in bytes
   * @param copy ends the work
   * @return false where it cannot be had; then nothing has happened
   */
  boolean start(LongWork work, long size, Runnable copy) {
    underWay.add(work);
    work.allowAbandoning();
    try {
      (size < HUGE ? large : huge)
          .execute(
              () -> {
                try {
                  copy.run();
                } finally {
                  underWay.remove(work);
                }
              });
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      underWay.remove(work);
      return false;
    }
  }

  /** Abandons all copies, and waits until what was half done is removed. */
  @Override
  public void close() {
    large.shutdown();
    huge.shutdown();
    underWay.forEach(LongWork::abandon);
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended =
            large.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS)
                && huge.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
