package dev.lamina.cli;

/** What the program exits with. */
public final class ExitCode {
  public static final int OK = 0;

  /** What was asked for could not be done. */
  public static final int FAILED = 1;

  /** What was asked for is not understood. */
  static final int USAGE = 2;

  private ExitCode() {}
}
