package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import java.time.Duration;

/** Thrown for a failure after which another attempt may succeed. */
final class TransientException extends ImageException {
  private static final long serialVersionUID = 1;

  private final transient Duration wait;

  TransientException(String message, Throwable cause) {
    super(message, cause);
    wait = Duration.ZERO;
  }

  /**
   * @param wait the pause that the registry asks for, or zero
   */
  TransientException(String message, Duration wait) {
    super(message);
    this.wait = wait;
  }

  /** Returns the shortest pause before another attempt. */
  Duration pause() {
    return wait;
  }
}
