package dev.lamina.cli;

/** What the program exits with. */
final class ExitCode {
  static final int OK = 0;

  /** What was asked for could not be done. */
  static final int FAILED = 1;

  /** What was asked for is not understood. */
  static final int USAGE = 2;

  private ExitCode() {}
}
