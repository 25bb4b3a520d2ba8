package dev.lamina.fuse;

import dev.lamina.sys.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The threads that serve a mount: the calling one, and as many more as there are requests at once,
 * up to a bound. They stay, for what came once comes again.
 *
 * <p>The bound is for threads that work. One that waits, for a disk say, is stood in for by another
 * ({@link #block}), so that requests which need no disk are answered.
 */
public final class ServiceThreads {
  /** Requests served at once by default. */
  public static final int DEFAULT_MOST = 64;

  /**
   * More than the bound, however many wait: each has memory and a descriptor of the device. Who
   * asks for fewer threads than there are by default gets no more than that.
   */
  private static final int MOST_STANDING_IN = 448;

  /** Whose worker a thread is. */
  private static final ThreadLocal<ServiceThreads> OF_THREAD = new ThreadLocal<>();

  /** What a thread does: receives and answers requests until there is no mount. */
  @FunctionalInterface
  public interface Worker extends Runnable, AutoCloseable {
    /** Gives back what it holds; after {@link #run}, or in its place. */
    @Override
    default void close() {
      // Most hold nothing.
    }
  }

  private final String name;
  private final int most;
  private final Supplier<Worker> workers;

  /** Workers that wait for a request; one too few is made up for by {@link #begin}. */
  private final AtomicInteger idle = new AtomicInteger(1);

  /** Workers that are in {@link #block}. */
  private final AtomicInteger blocked = new AtomicInteger();

  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param name what the names of the threads begin with
   * @param most how many there may be, the calling one included
   * @param workers makes a worker with all that it needs, so that none fails when it counts as
   *     waiting already
   */
  public ServiceThreads(String name, int most, Supplier<Worker> workers) {
    this.name = name;
    this.most = most;
    this.workers = workers;
  }

  /** Serves, the first worker on the calling thread, until the last of all workers has ended. */
  public void run(Worker first) {
    runAndClose(first);
    // One may still be added by a worker that is at its last request.
    for (int i = 0; i < started(); i++) {
      awaitEnd(thread(i));
    }
  }

  /** Waits until a thread has ended; an interrupt meanwhile is kept for later. */
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
   * Does something that may take long without needing a processor: writes out, waits. In a worker's
   * thread, other workers take its place meanwhile.
   *
   * @return what it returns
   */
  public static int block(IntSupplier action) {
    return (int) blockLong(action::getAsInt);
  }

  /** The same for a wide result. */
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

  /** A worker has a request now: sees to it that another one waits for the next. */
  public void begin() {
    if (idle.decrementAndGet() <= 0) {
      addWorker();
    }
  }

  /** A worker is about to wait for a request. */
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
      // The system allows no more threads or memory; the threads that are there go on.
      Log.warn(ServiceThreads.class, "cannot start another thread", e);
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
