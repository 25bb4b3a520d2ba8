package dev.lamina.testing;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Waits for events in other threads or processes. No test depends on how soon they happen: the time
 * limit is for events that never happen.
 */
public final class Waiting {
  /** The time limit: only something that hangs takes so long, however busy the machine is. */
  public static final Duration HANG = Duration.ofMinutes(3);

  private static final long PAUSE_MILLIS = 20;

  private Waiting() {}

  /** Says that an awaited event has not happened. */
  public static final class Hang extends AssertionError {
    private static final long serialVersionUID = 1;

    Hang(String what, Duration time) {
      super("not within " + time + ": " + what);
    }
  }

  /** Waits until a condition is true; fails if that does not happen. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + HANG.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new Hang(what, HANG);
      }
      pause();
    }
  }

  /** Waits until a process has ended, and returns its exit status; fails if it does not end. */
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

  /** Waits until a thread has ended; fails if it does not end. */
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

  /** Returns the result of a task; fails if it does not end. */
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

  /** Sleeps for a moment in a loop that polls. */
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
