package dev.lamina.fuse;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A few threads for background tasks. A thread that has been idle for ten seconds ends. */
public final class TaskThreads implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  /**
   * @param name the name of each thread
   * @param most the largest number of threads; further tasks are queued
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
   * Runs a task on one of the threads.
   *
   * @throws java.util.concurrent.RejectedExecutionException after {@link #shutdown}
   * @throws OutOfMemoryError if no thread can be started
   */
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Refuses further tasks. */
  public void shutdown() {
    threads.shutdown();
  }

  /**
   * Refuses further tasks and waits for those that were accepted. An interrupt in the meantime is
   * preserved.
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
