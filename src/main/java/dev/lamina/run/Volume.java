package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * A directory or file of the host that is seen in the root file system as well. Names are bytes,
 * each a character.
 *
 * @param source of the host; relative to the working directory where it is not absolute
 * @param target absolute path below the root
 */
public record Volume(String source, String target, boolean readOnly) {
  /**
   * @param text {@code SOURCE:TARGET[:OPTION,…]} with the options {@code ro} and {@code rw}; {@code
   *     z} and {@code Z}, which are for SELinux, do nothing
   */
  public static Volume parse(String text) throws RunException {
    String[] parts = text.split(":", -1);
    if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty()) {
      throw new RunException(
          "not a volume: " + Bytes.shown(text) + " (written SOURCE:TARGET[:ro])");
    }
    if (parts[0].indexOf('/') < 0 && !parts[0].startsWith(".")) {
      throw new RunException(
          "volumes with a name are not kept: for a directory write ./" + Bytes.shown(parts[0]));
    }
    boolean readOnly = false;
    if (parts.length == 3) {
      for (String option : parts[2].split(",", -1)) {
        switch (option) {
          case "ro" -> readOnly = true;
          case "rw" -> readOnly = false;
          case "z", "Z" -> {}
          default ->
              throw new RunException(
                  "unknown option of a volume: " + Bytes.shown(option) + " (known: ro, rw)");
        }
      }
    }
    Volume volume = new Volume(parts[0], parts[1], readOnly);
    if (volume.depth() == 0 || !parts[1].startsWith("/")) {
      throw new RunException(
          "a volume's target is an absolute path below the root, not " + Bytes.shown(parts[1]));
    }
    return volume;
  }

  /** How many names the target has; 0 for the root. */
  int depth() {
    int depth = 0;
    for (String name : target.split("/")) {
      if (name.equals("..")) {
        return 0;
      }
      depth += name.isEmpty() || name.equals(".") ? 0 : 1;
    }
    return depth;
  }

  /** Whether a path in the root file system is at or below the target. */
  boolean covers(String path) {
    String cleaned = RootDirectory.clean(target);
    return path.equals(cleaned) || path.startsWith(cleaned + "/");
  }

  /** Whether the source is a directory. */
  boolean isDirectory() throws RunException {
    int fd = open();
    try {
      return isDirectory(fd);
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * The same of the source that {@link #open} has opened.
   *
   * @throws RunException when nothing can be known of it
   */
  boolean isDirectory(int fd) throws RunException {
    Stat stat = new Stat();
    int result = Linux.fstat(fd, stat);
    if (result < 0) {
      throw failed(result);
    }
    return stat.isDirectory();
  }

  private RunException failed(int result) {
    return new RunException("volume " + Bytes.shown(source) + ": " + Errno.message(-result));
  }

  /**
   * Opens the source (O_PATH).
   *
   * @return the descriptor, which is the caller's to close
   */
  int open() throws RunException {
    int fd = Linux.openat(Linux.AT_FDCWD, Bytes.of(source), OpenFlags.O_PATH, 0);
    if (fd < 0) {
      throw failed(fd);
    }
    return fd;
  }
}
