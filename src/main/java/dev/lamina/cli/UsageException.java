package dev.lamina.cli;

/** What was asked for is not understood; the message says what and why, in one line. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
