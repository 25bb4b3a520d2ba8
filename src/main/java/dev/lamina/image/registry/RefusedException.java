package dev.lamina.image.registry;

import dev.lamina.image.ImageException;

/** A registry's answer that is final. */
final class RefusedException extends ImageException {
  private static final long serialVersionUID = 1;

  private final int status;

  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** Of HTTP. */
  int status() {
    return status;
  }
}
