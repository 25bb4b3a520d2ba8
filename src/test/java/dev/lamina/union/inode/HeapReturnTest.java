package dev.lamina.union.inode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Tests that memory is returned once, after many inodes were forgotten and when it is quiet. */
class HeapReturnTest {
  private static final int MANY = 5000;

  private final Queue<Runnable> started = new ArrayDeque<>();
  private int known;
  private int collections;
  private int pauses;

  /** The number of pauses in which as many more are forgotten. */
  private int busyPauses;

  private final HeapReturn heapReturn =
      new HeapReturn(
          MANY,
          () -> known,
          () -> collections++,
          new HeapReturn.Surroundings() {
            @Override
            void start(Runnable task) {
              started.add(task);
            }

            @Override
            void pause() {
              pauses++;
              if (pauses <= busyPauses) {
                forget(MANY);
              }
            }
          });

  private void forget(int count) {
    for (int i = 0; i < count; i++) {
      heapReturn.add();
    }
  }

  /** Runs the only thread that was started. */
  private void runThread() {
    assertEquals(1, started.size());
    started.remove().run();
  }

  @Test
  void afterEachBurstOnce() {
    for (int burst = 1; burst <= 2; burst++) {
      forget(MANY);
      runThread();
      assertEquals(burst, collections);
    }
    assertEquals(0, started.size());
  }

  @Test
  void notAfterFew() {
    forget(MANY - 1);
    assertEquals(0, started.size());
    forget(1);
    runThread();
    assertEquals(1, collections);
  }

  /** A collection would stop all requests as long as it takes for the inodes that are left. */
  @Test
  void notWhileMoreIsLeft() {
    known = MANY + 1;
    forget(MANY);
    runThread();
    assertEquals(0, collections);
    forget(MANY - 1);
    assertEquals(0, started.size());
    known = 1;
    forget(1);
    runThread();
    assertEquals(1, collections);
  }

  @Test
  void notWhileItGoesOn() {
    busyPauses = 7;
    forget(MANY);
    runThread();
    assertEquals(busyPauses + 1, pauses);
    assertEquals(1, collections);
    assertEquals(0, started.size());
  }
}
