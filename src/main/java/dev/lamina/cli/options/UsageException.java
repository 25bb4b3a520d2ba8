package dev.lamina.cli.options;

/** What was asked for is not understood; the message says what and why, in one line. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
