package dev.lamina.run;

import dev.lamina.image.ImageException;

/** A command that was not run; why, for the user, and the exit status that tells it to scripts. */
public final class RunException extends ImageException {
  private static final long serialVersionUID = 1;

  /** Running failed before the command had a part in it. */
  public static final int FAILED = 125;

  /** The command is no program that can be executed. */
  public static final int NOT_EXECUTABLE = 126;

  /** There is no such command. */
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

  /** As docker run has it: 125, 126 or 127. */
  public int status() {
    return status;
  }
}
