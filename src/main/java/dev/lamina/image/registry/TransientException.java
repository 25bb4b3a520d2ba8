package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import java.time.Duration;

/** Something failed that may well work when it is tried again. */
final class TransientException extends ImageException {
  private static final long serialVersionUID = 1;

  private final transient Duration wait;

  TransientException(String message, Throwable cause) {
    super(message, cause);
    wait = Duration.ZERO;
  }

  /**
   * @param wait that the registry asks for; zero where it does not
   */
  TransientException(String message, Duration wait) {
    super(message);
    this.wait = wait;
  }

  /** How long to wait at least. */
  Duration pause() {
    return wait;
  }
}
