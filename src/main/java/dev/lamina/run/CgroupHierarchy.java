package dev.lamina.run;

import dev.lamina.image.HostPaths;
import dev.lamina.sys.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How the machine's control groups are mounted. crun refuses to work where the first version of
 * them is in use and the second one, mounted beside it, has a controller as well ("cgroups in
 * hybrid mode not supported"); it works with the first version alone.
 */
final class CgroupHierarchy {
  private static final Path TOP = Path.of("/sys/fs/cgroup");
  private static final String SECOND = "/sys/fs/cgroup/unified";

  /** $1: umount; then the command. The mount namespace is this shell's. */
  private static final String WITHOUT_SECOND =
      "\"$1\" " + SECOND + " || exit 125\nshift\nexec \"$@\"";

  private CgroupHierarchy() {}

  /** What to put in front of a runtime's command line. */
  static List<String> wrapperFor(String runtime) throws RunException {
    if (!Path.of(runtime).getFileName().toString().startsWith("crun") || !isHybrid()) {
      return List.of();
    }
    var tools = Programs.need("to run crun here", "unshare", "sh", "umount");
    return List.of(
        tools.get("unshare"),
        "--mount",
        "--propagation",
        "slave",
        "--",
        tools.get("sh"),
        "-c",
        WITHOUT_SECOND,
        "sh",
        tools.get("umount"));
  }

  /**
   * Removes the control groups that a runtime has left of a container that it does not know any
   * more. crun gives up where the container's process, ended but not waited for, keeps them busy.
   *
   * @return false while something keeps them busy
   */
  static boolean remove(String container) throws IOException {
    List<Path> groups = new ArrayList<>(List.of(TOP.resolve(container)));
    if (Files.isDirectory(TOP)) {
      try (Stream<Path> entries = Files.list(TOP)) {
        entries.forEach(entry -> groups.add(entry.resolve(container)));
      }
    }
    boolean all = true;
    for (Path group : groups) {
      if (Files.isDirectory(group)) {
        all &= Linux.unlinkat(Linux.AT_FDCWD, HostPaths.bytes(group), Linux.AT_REMOVEDIR) == 0;
      }
    }
    return all;
  }

  private static boolean isHybrid() {
    try {
      return !Files.readString(Path.of(SECOND, "cgroup.controllers")).isBlank();
    } catch (IOException e) {
      return false;
    }
  }
}
