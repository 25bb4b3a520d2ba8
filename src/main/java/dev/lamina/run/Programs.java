package dev.lamina.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds programs of the host, in the absolute entries of PATH. */
final class Programs {
  private Programs() {}

  /** Returns the absolute path of a program, or null if it is not found. */
  static String find(String name) {
    String path = System.getenv("PATH");
    for (String entry : path == null ? new String[0] : path.split(":")) {
      if (entry.startsWith("/")) {
        Path candidate = Path.of(entry, name);
        if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
          return candidate.toString();
        }
      }
    }
    return null;
  }

  /**
   * Returns the paths of several programs, by name.
   *
   * @param reason says in the message why they are needed: "to run a command without an OCI
   *     runtime"
   */
  static Map<String, String> need(String reason, String... names) throws RunException {
    Map<String, String> paths = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      String path = find(name);
      if (path == null) {
        missing.add(name);
      } else {
        paths.put(name, path);
      }
    }
    if (!missing.isEmpty()) {
      throw new RunException(
          "cannot find "
              + String.join(", ", missing)
              + ", needed "
              + reason
              + ": install util-linux, or correct PATH");
    }
    return paths;
  }
}
