package dev.lamina.cli.options;

/** A command line is not understood; the message says why, in one line. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
