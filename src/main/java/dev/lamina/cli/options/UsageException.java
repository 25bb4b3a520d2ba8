package dev.lamina.cli.options;

/** Reports a wrong command line; the message gives the reason in one line. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
