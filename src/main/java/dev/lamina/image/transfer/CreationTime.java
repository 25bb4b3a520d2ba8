package dev.lamina.image.transfer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** When images are made. */
public final class CreationTime {
  private CreationTime() {}

  /** SOURCE_DATE_EPOCH, so that images can be made again byte for byte; -1 where it is not set. */
  public static long epoch() {
    String text = System.getenv("SOURCE_DATE_EPOCH");
    return text != null && text.matches("[0-9]{1,12}") ? Long.parseLong(text) : -1;
  }

  /** Now, or the time that the environment asks for; RFC 3339. */
  public static String time() {
    long epoch = epoch();
    Instant time = epoch < 0 ? Instant.now() : Instant.ofEpochSecond(epoch);
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
