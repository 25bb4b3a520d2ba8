package dev.lamina.image.registry;

import java.time.Duration;

/**
 * The timeouts for a registry, and the number of attempts.
 *
 * @param connect the timeout for a connection
 * @param response the timeout for the response to a request, from the last byte sent on
 * @param stall the timeout for the next bytes of a body
 * @param retries the number of attempts after the first one, without progress
 * @param pause the pause before the second attempt, which doubles with each further one
 * @param longestPause the longest pause, even if the registry asks for a longer one
 */
public record Timing(
    Duration connect,
    Duration response,
    Duration stall,
    int retries,
    Duration pause,
    Duration longestPause) {
  private static final int MIRROR_RETRIES = 1;

  public static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          5,
          Duration.ofMillis(500),
          Duration.ofSeconds(60));

  /**
   * Returns the values for a mirror, with fewer attempts, because there are other places to ask.
   */
  Timing ofMirror() {
    int fewer = Math.min(retries, MIRROR_RETRIES);
    return new Timing(connect, response, stall, fewer, pause, longestPause);
  }
}
