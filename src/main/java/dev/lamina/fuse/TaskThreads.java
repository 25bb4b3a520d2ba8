package dev.lamina.fuse;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few threads for tasks beside the requests at hand; they exist while there is something to do.
 */
public final class TaskThreads implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  /**
   * @param name of each thread
   * @param most how many there may be; further tasks queue
   */
  public TaskThreads(String name, int most) {
    threads =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Has a task done by one of the threads.
   *
   * @throws java.util.concurrent.RejectedExecutionException after {@link #shutdown}
   * @throws OutOfMemoryError where no thread can be had
   */
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Takes no more tasks. */
  public void shutdown() {
    threads.shutdown();
  }

  /**
   * Takes no more tasks and waits for those there are; an interrupt meanwhile is kept for later.
   */
  @Override
  public void close() {
    shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = threads.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
