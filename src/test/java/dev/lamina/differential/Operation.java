package dev.lamina.differential;

/**
 * One step of a scenario. It is a value: it can be made on any number of sides, and prints as the
 * line of a script.
 */
interface Operation {
  /** Makes the operation on one side; all that a process learns of it. */
  Facts execute(World world);

  /** What differences of this operation are filed under. */
  default String kind() {
    return getClass().getSimpleName();
  }

  /** Joins the parts of a printed operation. */
  static String line(Object... parts) {
    StringBuilder line = new StringBuilder();
    for (Object part : parts) {
      line.append(line.isEmpty() ? "" : " ").append(part);
    }
    return line.toString();
  }

  static String octal(int mode) {
    return String.format("%04o", mode);
  }
}
