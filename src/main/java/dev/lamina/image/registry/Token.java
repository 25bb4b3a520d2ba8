package dev.lamina.image.registry;

import java.time.Duration;

/** What a registry takes for a while. */
final class Token {
  /** The part of its life, one in so many, at the end of which it is not used any more. */
  private static final int MARGIN = 5;

  private final String header;
  private final long end;

  /**
   * @param header as "Authorization" has it
   * @param life from now on
   */
  Token(String header, Duration life) {
    this.header = header;
    end = System.nanoTime() + life.minus(life.dividedBy(MARGIN)).toNanos();
  }

  String header() {
    return header;
  }

  boolean isGood() {
    return System.nanoTime() - end < 0;
  }
}
