package dev.lamina.run;

import dev.lamina.image.ImageException;

/** Says why a command was not run, with the exit status of {@code lamina run} for that case. */
public final class RunException extends ImageException {
  private static final long serialVersionUID = 1;

  /** The exit status when the run failed before the command began. */
  public static final int FAILED = 125;

  /** The exit status when the command cannot be executed. */
  public static final int NOT_EXECUTABLE = 126;

  /** The exit status when the command is not found. */
  public static final int NOT_FOUND = 127;

  private final int status;

  RunException(String message) {
    this(message, FAILED);
  }

  RunException(String message, int status) {
    super(message);
    this.status = status;
  }

  RunException(String message, Throwable cause) {
    super(message, cause);
    status = FAILED;
  }

  /** Returns the exit status, 125, 126 or 127, as docker run has them. */
  public int status() {
    return status;
  }
}
