package dev.lamina.image.registry;

import java.time.Duration;

/**
 * How long to wait for a registry, and how often to try again.
 *
 * @param connect for a connection
 * @param response for the answer to a request, from the last byte sent on
 * @param stall for the next bytes of contents under way
 * @param retries attempts after the first one that got nowhere
 * @param pause before the second attempt; it doubles with each further one
 * @param longestPause at most, also where the registry asks for more
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

  /** For a place beside which there are others. */
  Timing ofMirror() {
    int fewer = Math.min(retries, MIRROR_RETRIES);
    return new Timing(connect, response, stall, fewer, pause, longestPause);
  }
}
