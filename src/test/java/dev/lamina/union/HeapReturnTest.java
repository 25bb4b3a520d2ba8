package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When memory is given back: after many were forgotten, once, and when it is quiet. */
class HeapReturnTest {
  private static final int MANY = 5000;
  private static final int SECONDS = 30;

  private final Semaphore collections = new Semaphore(0);
  private volatile int known;
  private final HeapReturn heapReturn = new HeapReturn(MANY, () -> known, collections::release);

  private void forget(int count) {
    for (int i = 0; i < count; i++) {
      heapReturn.add();
    }
  }

  @Test
  void afterEachBurstOnce() throws InterruptedException {
    for (int burst = 0; burst < 2; burst++) {
      forget(MANY);
      assertTrue(collections.tryAcquire(SECONDS, TimeUnit.SECONDS));
    }
    assertFalse(collections.tryAcquire(3, TimeUnit.SECONDS));
  }

  @Test
  void notAfterFew() throws InterruptedException {
    forget(MANY - 1);
    assertFalse(collections.tryAcquire(3, TimeUnit.SECONDS));
    forget(1);
    assertTrue(collections.tryAcquire(SECONDS, TimeUnit.SECONDS));
  }

  /** A collection would stop all requests for as long as the rest takes. */
  @Test
  void notWhileMoreIsLeft() throws InterruptedException {
    known = MANY + 1;
    forget(MANY);
    assertFalse(collections.tryAcquire(3, TimeUnit.SECONDS));
    known = 1;
    forget(MANY);
    assertTrue(collections.tryAcquire(SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void notWhileItGoesOn() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
    while (System.nanoTime() < end) {
      forget(MANY);
      Thread.sleep(10);
      assertEquals(0, collections.availablePermits());
    }
    assertTrue(collections.tryAcquire(SECONDS, TimeUnit.SECONDS));
  }
}
