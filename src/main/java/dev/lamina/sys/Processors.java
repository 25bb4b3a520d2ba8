package dev.lamina.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine's processors. */
public final class Processors {
  private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

  private Processors() {}

  /**
   * Returns the number of processors that there can ever be, including those that can be plugged
   * in.
   *
   * @throws IOException if sysfs does not tell
   */
  public static int possible() throws IOException {
    return count(Files.readString(POSSIBLE).trim());
  }

  /** Counts the processors of a list of numbers and ranges, such as {@code 0-3,8}. */
  static int count(String list) throws IOException {
    int count = 0;
    try {
      for (String range : list.split(",", -1)) {
        String[] ends = range.split("-", -1);
        count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
      }
    } catch (NumberFormatException e) {
      throw new IOException(POSSIBLE + " does not contain a list of processors: " + list, e);
    }
    return count;
  }
}
