package dev.lamina.mount;

/** Options of a mount are not understood, or do not fit together; the message says why. */
public final class OptionException extends Exception {
  private static final long serialVersionUID = 1L;

  OptionException(String message) {
    super(message);
  }
}
