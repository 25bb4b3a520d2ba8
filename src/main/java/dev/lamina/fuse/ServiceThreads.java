package dev.lamina.fuse;

import dev.lamina.sys.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The threads that serve a mount: the calling one, and as many more as there have been concurrent
 * requests, up to a limit. Threads are kept until the end of the mount.
 *
 * <p>The limit counts threads that work. A thread that waits, for a disk for example, is replaced
 * by another one meanwhile ({@link #block}), so that requests which need no disk are answered.
 */
public final class ServiceThreads {
  /** The default number of requests that are served concurrently. */
  public static final int DEFAULT_MOST = 64;

  /**
   * How far replacements may exceed the limit: each thread has memory and a descriptor of the
   * device. A limit below the default is never exceeded.
   */
  private static final int MOST_STANDING_IN = 448;

  /** The object that the current thread is a worker of. */
  private static final ThreadLocal<ServiceThreads> OF_THREAD = new ThreadLocal<>();

  /** The task of a thread: it receives and answers requests until the file system is unmounted. */
  @FunctionalInterface
  public interface Worker extends Runnable, AutoCloseable {
    /** Releases what the worker holds. Called after {@link #run}, or instead of it. */
    @Override
    default void close() {
      // By default there is nothing to release.
    }
  }

  private final String name;
  private final int most;
  private final Supplier<Worker> workers;

  /** The workers that wait for a request. {@link #begin} adds one when there are too few. */
  private final AtomicInteger idle = new AtomicInteger(1);

  /** The workers that are in {@link #block}. */
  private final AtomicInteger blocked = new AtomicInteger();

  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param name the prefix of the threads' names
   * @param most the largest number of threads, including the calling one
   * @param workers makes a worker with everything it needs, so that none can fail once it is
   *     counted as waiting
   */
  public ServiceThreads(String name, int most, Supplier<Worker> workers) {
    this.name = name;
    this.most = most;
    this.workers = workers;
  }

  /** Runs the first worker on the calling thread, and returns when all workers have ended. */
  public void run(Worker first) {
    runAndClose(first);
    // A worker that handles its last request may still add one.
    for (int i = 0; i < started(); i++) {
      awaitEnd(thread(i));
    }
  }

  /** Waits until a thread has ended. An interrupt in the meantime is preserved. */
  public static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized int started() {
    return threads.size();
  }

  private synchronized Thread thread(int index) {
    return threads.get(index);
  }

  private void runAndClose(Worker worker) {
    OF_THREAD.set(this);
    try (worker) {
      worker.run();
    } finally {
      OF_THREAD.remove();
    }
  }

  /**
   * Runs an action that may take long without using a processor, because it writes to a disk or
   * waits. If the calling thread is a worker, another one replaces it meanwhile.
   *
   * @return the result of the action
   */
  public static int block(IntSupplier action) {
    return (int) blockLong(action::getAsInt);
  }

  /** Does the same for an action with a long result. */
  public static long blockLong(LongSupplier action) {
    ServiceThreads own = OF_THREAD.get();
    if (own == null) {
      return action.getAsLong();
    }
    own.blocked.incrementAndGet();
    try {
      if (own.idle.get() <= 0) {
        own.addWorker();
      }
      return action.getAsLong();
    } finally {
      own.blocked.decrementAndGet();
    }
  }

  /**
   * Called by a worker that has received a request: makes sure that another one waits for the next.
   */
  public void begin() {
    if (idle.decrementAndGet() <= 0) {
      addWorker();
    }
  }

  /** Called by a worker that is about to wait for a request. */
  public void end() {
    idle.incrementAndGet();
  }

  private synchronized void addWorker() {
    int standingIn = most < DEFAULT_MOST ? 0 : Math.min(blocked.get(), MOST_STANDING_IN);
    if (idle.get() > 0 || threads.size() + 1 >= most + standingIn) {
      return;
    }
    Worker worker = null;
    try {
      worker = workers.get();
      start(worker);
      idle.incrementAndGet();
    } catch (Throwable e) {
      // The system is out of threads or memory; the existing threads go on.
      Log.warn(
          ServiceThreads.class,
          "cannot start another thread for requests; the existing ones continue",
          e);
      if (worker != null) {
        worker.close();
      }
    }
  }

  private void start(Worker worker) {
    Thread thread = new Thread(() -> runAndClose(worker), name + "-" + (threads.size() + 1));
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }
}
