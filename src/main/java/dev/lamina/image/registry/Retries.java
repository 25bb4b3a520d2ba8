package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The attempts at one operation. The pause between two attempts doubles each time and is shortened
 * by a random part of at most one half, so that the clients of a registry that was down do not all
 * come back at the same moment.
 */
final class Retries {
  /** One attempt. */
  interface Attempt<T> {
    T make() throws IOException;
  }

  private final Timing timing;
  private int failures;

  Retries(Timing timing) {
    this.timing = timing;
  }

  /** Makes attempts until one succeeds or there is no point in another. */
  static <T> T run(Timing timing, Attempt<T> attempt) throws IOException {
    Retries retries = new Retries(timing);
    while (true) {
      try {
        return attempt.make();
      } catch (IOException e) {
        retries.after(e);
      }
    }
  }

  /** Starts the count of attempts again, because some progress was made. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @param failure the error of the last attempt
   * @throws IOException the same error, if there should be no other attempt
   */
  void after(IOException failure) throws IOException {
    if (!(failure instanceof TransientException broken)) {
      throw failure;
    }
    Duration wait = broken.pause();
    if (wait.compareTo(timing.longestPause()) > 0) {
      throw new ImageException(
          broken.getMessage() + "; try again in " + wait.toSeconds() + " s", broken);
    }
    if (failures >= timing.retries()) {
      throw failures == 0
          ? broken
          : new ImageException(
              broken.getMessage() + " (tried " + (failures + 1) + " times)", broken);
    }
    long pause = Math.max(wait.toMillis(), backOff());
    failures++;
    Log.debug(Retries.class, "{}; the next attempt in {} ms", broken.getMessage(), pause);
    sleep(pause);
  }

  private long backOff() {
    long longest = timing.longestPause().toMillis();
    long pause = Math.min(timing.pause().toMillis() << Math.min(failures, 20), longest);
    return pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1);
  }

  private static void sleep(long millis) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Returns the exception for a thread that was interrupted, and sets its interrupt status. */
  static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }
}
