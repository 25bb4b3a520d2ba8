package dev.lamina.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what happens in another process. */
public final class Waiting {
  private Waiting() {}

  /** Fails when the condition does not come true in time. */
  public static void until(String what, Duration timeout, BooleanSupplier condition) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + timeout + ": " + what);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }
}
