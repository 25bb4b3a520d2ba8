package dev.lamina.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Programs of the host, found in the absolute entries of PATH. */
final class Programs {
  private Programs() {}

  /** Its absolute path; null where there is none. */
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
   * The paths of several.
   *
   * @param reason why they are needed, for the message: "to run a command without an OCI runtime"
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
          String.join(", ", missing) + " of util-linux, needed " + reason + ", cannot be found");
    }
    return paths;
  }
}
