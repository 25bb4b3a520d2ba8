package dev.lamina.union.inode;

import dev.lamina.sys.NativeMemory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;

/**
 * Returns memory to the system after the kernel has forgotten many inodes, as it does when it needs
 * memory itself. The virtual machine would keep the memory of a million inodes until the next
 * garbage collection, which in an idle daemon never comes.
 */
public final class HeapReturn {
  /** The number of forgotten inodes that are worth a collection: some 20 MB. */
  private static final int MANY = 100_000;

  private static final long QUIET_MILLIS = 1000;

  /** Provides threads and time; tests replace it. */
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

  /** The number of inodes forgotten in {@link #QUIET_MILLIS} that still counts as quiet. */
  private static final int FEW = 1000;

  /** Memory that one collection frees is returned to the system by the next one. */
  private static final int COLLECTIONS = 2;

  private final int many;
  private final IntSupplier known;
  private final Runnable collection;
  private final Surroundings surroundings;
  private final AtomicBoolean isRunning = new AtomicBoolean();

  /** Inodes forgotten since the last collection; threads that count at once may lose some. */
  private volatile int forgotten;

  /** The number of forgotten inodes at which it is worth looking again. */
  private volatile int enough;

  /**
   * @param known the number of inodes that are still known
   */
  public HeapReturn(IntSupplier known) {
    this(MANY, known, HeapReturn::collect, new Surroundings());
  }

  /** Makes one for tests, which choose the number, the collection and its surroundings. */
  HeapReturn(int many, IntSupplier known, Runnable collection, Surroundings surroundings) {
    this.many = many;
    this.surroundings = surroundings;
    enough = many;
    this.known = known;
    this.collection = collection;
  }

  /** Counts a forgotten inode. This costs next to nothing. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  public void add() {
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
      // There are no threads left. The next burst tries again.
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
      // No request is answered during a collection, whose length depends on what is left: a second
      // for a million inodes.
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
