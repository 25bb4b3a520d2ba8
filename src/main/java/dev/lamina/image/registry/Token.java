package dev.lamina.image.registry;

import java.time.Duration;

/** A token that authorizes requests to a registry until it expires. */
final class Token {
  /** The last part of a token's lifetime, one divided by this, in which it is no longer used. */
  private static final int MARGIN = 5;

  private final String header;
  private final long end;

  /**
   * @param header the value of the header Authorization
   * @param life the lifetime of the token from now on
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
