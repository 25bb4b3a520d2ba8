package dev.lamina.image.transfer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Decides what images and their history say about when they were made. */
public final class CreationTime {
  private CreationTime() {}

  /**
   * Returns SOURCE_DATE_EPOCH in seconds since 1970, with which images can be made again byte for
   * byte; -1 where it is not set.
   */
  public static long epoch() {
    String text = System.getenv("SOURCE_DATE_EPOCH");
    return text != null && text.matches("[0-9]{1,12}") ? Long.parseLong(text) : -1;
  }

  /** Returns the time now, or the one that the environment asks for, as RFC 3339 has it. */
  public static String text() {
    long epoch = epoch();
    Instant time = epoch < 0 ? Instant.now() : Instant.ofEpochSecond(epoch);
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
