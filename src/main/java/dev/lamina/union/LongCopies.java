package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that copy large files up, so that no request is kept from its answer by a copy that
 * is none of its own. Each layer has its own, since one that lies on a file system which answers no
 * more (NFS, FUSE) must not keep the files of others waiting. They exist while there is something
 * to copy.
 */
final class LongCopies implements AutoCloseable {
  /**
   * Bytes from which a file is copied here. To copy so many takes a millisecond or more, to hand
   * the copy over a tenth of one.
   */
  static final long LARGE = 1L << 20;

  /** Bytes from which a copy takes so long that shorter ones do not queue behind it. */
  private static final long HUGE = 64L << 20;

  /** For each layer, of each of the two kinds: more would only share the disk. */
  private static final int THREADS = 2;

  private static final long IDLE_SECONDS = 10;

  /** The threads for the files of one layer, whose file system may answer no more. */
  private record Lanes(ThreadPoolExecutor large, ThreadPoolExecutor huge) {
    Lanes() {
      this(threads("copy"), threads("copy-huge"));
    }
  }

  private final Lanes[] layers;
  private final Set<LongWork> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param layers how many there are
   */
  LongCopies(int layers) {
    this.layers = new Lanes[layers];
    Arrays.setAll(this.layers, layer -> new Lanes());
  }

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
   * @param layer that the data is on
   * @param size in bytes
   * @param copy ends the work
   * @return false where it cannot be had; then nothing has happened
   */
  boolean start(LongWork work, int layer, long size, Runnable copy) {
    underWay.add(work);
    work.allowAbandoning();
    try {
      (size < HUGE ? layers[layer].large : layers[layer].huge)
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
    for (Lanes lanes : layers) {
      lanes.large.shutdown();
      lanes.huge.shutdown();
    }
    underWay.forEach(LongWork::abandon);
    boolean interrupted = false;
    for (Lanes lanes : layers) {
      interrupted |= awaitEnd(lanes.large) | awaitEnd(lanes.huge);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** True where the thread was interrupted meanwhile. */
  private static boolean awaitEnd(ThreadPoolExecutor threads) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = threads.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
