package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * A directory or file of the host that is mounted in the root file system. Its paths have one
 * character for each byte.
 *
 * @param source a path of the host, absolute or relative to the working directory
 * @param target an absolute path below the root
 */
public record Volume(String source, String target, boolean readOnly) {
  /**
   * Parses the value of {@code --volume}.
   *
   * @param text {@code SOURCE:TARGET[:OPTION,…]} with the options {@code ro} and {@code rw}; {@code
   *     z} and {@code Z}, which are for SELinux, have no effect
   */
  public static Volume parse(String text) throws RunException {
    String[] parts = text.split(":", -1);
    if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty()) {
      throw new RunException(
          "invalid volume: " + Bytes.shown(text) + " (write SOURCE:TARGET or SOURCE:TARGET:ro)");
    }
    if (parts[0].indexOf('/') < 0 && !parts[0].startsWith(".")) {
      throw new RunException(
          "named volumes are not supported: for a directory write ./" + Bytes.shown(parts[0]));
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
                  "unknown volume option: " + Bytes.shown(option) + " (known: ro, rw)");
        }
      }
    }
    Volume volume = new Volume(parts[0], parts[1], readOnly);
    if (volume.depth() == 0 || !parts[1].startsWith("/")) {
      throw new RunException(
          "invalid volume target: " + Bytes.shown(parts[1]) + " (write an absolute path below /)");
    }
    return volume;
  }

  /** Returns the number of components of the target; 0 for the root or a path with "..". */
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

  /** Returns whether a path in the root file system is at or below the target. */
  boolean covers(String path) {
    String cleaned = RootDirectory.clean(target);
    return path.equals(cleaned) || path.startsWith(cleaned + "/");
  }

  /** Returns whether the source is a directory. */
  boolean isDirectory() throws RunException {
    int fd = open();
    try {
      return isDirectory(fd);
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * Returns the same for a source that {@link #open} has opened.
   *
   * @throws RunException if its status cannot be read
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
    return new RunException(
        "cannot use the volume source " + Bytes.shown(source) + ": " + Errno.message(-result));
  }

  /**
   * Opens the source (O_PATH).
   *
   * @return a descriptor, which the caller must close
   */
  int open() throws RunException {
    int fd = Linux.openat(Linux.AT_FDCWD, Bytes.of(source), OpenFlags.O_PATH, 0);
    if (fd < 0) {
      throw failed(fd);
    }
    return fd;
  }
}
