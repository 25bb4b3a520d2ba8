package dev.lamina.union;

import dev.lamina.sys.NativeMemory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;

/**
 * Gives memory back to the system after the kernel has forgotten many inodes, as when it needs
 * memory itself: the virtual machine would keep what a million inodes took until it collects
 * garbage again, which an idle daemon never does.
 */
final class HeapReturn {
  /** Inodes forgotten that are worth a collection: some 20 MB. */
  private static final int MANY = 100_000;

  private static final long QUIET_MILLIS = 1000;

  /** Threads and time, which tests have in their own hands. */
  static class Surroundings {
    void start(Runnable task) {
      Thread thread = new Thread(task, "memory");
      thread.setDaemon(true);
      thread.start();
    }

    void pause() throws InterruptedException {
      Thread.sleep(QUIET_MILLIS);
    }
  }

  /** Inodes forgotten in {@link #QUIET_MILLIS} that still count as quiet. */
  private static final int FEW = 1000;

  /** What came back with the collection is given back to the system with the next. */
  private static final int COLLECTIONS = 2;

  private final int many;
  private final IntSupplier known;
  private final Runnable collection;
  private final Surroundings surroundings;
  private final AtomicBoolean isRunning = new AtomicBoolean();

  /** Since the last collection; threads that count at once may lose some. */
  private volatile int forgotten;

  /** How many of them make it worth looking again. */
  private volatile int enough;

  /**
   * @param known inodes that are still known
   */
  HeapReturn(IntSupplier known) {
    this(MANY, known, HeapReturn::collect, new Surroundings());
  }

  /** For tests: after so many, what is done then, and where. */
  HeapReturn(int many, IntSupplier known, Runnable collection, Surroundings surroundings) {
    this.many = many;
    this.surroundings = surroundings;
    enough = many;
    this.known = known;
    this.collection = collection;
  }

  /** An inode was forgotten. Costs next to nothing. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void add() {
    forgotten++;
    if (forgotten >= enough && !isRunning.get()) {
      start();
    }
  }

  private void start() {
    if (isRunning.getAndSet(true)) {
      return;
    }
    try {
      surroundings.start(this::collectWhenQuiet);
    } catch (OutOfMemoryError e) {
      // No thread to be had: the next burst tries again.
      enough = forgotten + many;
      isRunning.set(false);
    }
  }

  private void collectWhenQuiet() {
    try {
      int before;
      do {
        before = forgotten;
        surroundings.pause();
      } while (forgotten - before > FEW);
      // Nothing is answered meanwhile, for as long as what is left takes: a second for a million.
      if (known.getAsInt() < forgotten) {
        forgotten = 0;
        enough = many;
        collection.run();
      } else {
        enough = forgotten + many;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } finally {
      isRunning.set(false);
    }
    if (forgotten >= enough) {
      start();
    }
  }

  private static void collect() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    NativeMemory.trim();
  }
}
