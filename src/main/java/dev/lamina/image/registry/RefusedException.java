package dev.lamina.image.registry;

import dev.lamina.image.ImageException;

/** Thrown for a response with an error that another attempt would not change. */
final class RefusedException extends ImageException {
  private static final long serialVersionUID = 1;

  private final int status;

  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** Returns the HTTP status. */
  int status() {
    return status;
  }
}
