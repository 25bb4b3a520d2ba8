package dev.lamina.testing;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Waits for what happens in another thread or process. No test depends on how soon that is: the
 * bound is for what never happens.
 */
public final class Waiting {
  /** Only what hangs takes so long, however busy the machine is. */
  public static final Duration HANG = Duration.ofMinutes(3);

  private static final long PAUSE_MILLIS = 20;

  private Waiting() {}

  /** What was waited for has not happened. */
  public static final class Hang extends AssertionError {
    private static final long serialVersionUID = 1;

    Hang(String what, Duration time) {
      super("not within " + time + ": " + what);
    }
  }

  /** Fails when the condition does not come true. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + HANG.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new Hang(what, HANG);
      }
      pause();
    }
  }

  /** Fails when the process does not end; returns its exit status. */
  public static int untilEnd(String what, Process process) {
    try {
      if (!process.waitFor(HANG.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Hang(what + " ends", HANG);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Fails when the thread does not end. */
  public static void untilEnd(String what, Thread thread) {
    try {
      thread.join(HANG.toMillis());
      if (thread.isAlive()) {
        throw new Hang(what + " ends", HANG);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** What the task returns; fails when it does not end. */
  public static <T> T result(String what, Future<T> task) throws ExecutionException {
    try {
      return task.get(HANG.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      Hang hang = new Hang(what, HANG);
      hang.initCause(e);
      throw hang;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** For loops that look at something again and again. */
  public static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError(e);
  }
}
