package dev.lamina.cli;

/** The exit statuses of the program. */
final class ExitCode {
  static final int OK = 0;

  /** The command has failed. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  private ExitCode() {}
}
