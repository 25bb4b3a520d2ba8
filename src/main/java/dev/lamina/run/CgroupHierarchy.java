package dev.lamina.run;

import dev.lamina.image.file.HostPaths;
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
    List<Path> above = new ArrayList<>(List.of(TOP));
    if (Files.isDirectory(TOP)) {
      try (Stream<Path> entries = Files.list(TOP)) {
        entries.forEach(above::add);
      }
    }
    above.addAll(own());
    boolean all = true;
    for (Path parent : above) {
      Path group = parent.resolve(container);
      if (Files.isDirectory(group)) {
        all &= Linux.unlinkat(Linux.AT_FDCWD, HostPaths.bytes(group), Linux.AT_REMOVEDIR) == 0;
      }
    }
    return all;
  }

  /** The groups of this process, in which runtimes make others (cgroups(7), /proc/PID/cgroup). */
  private static List<Path> own() throws IOException {
    List<Path> groups = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      String[] fields = line.split(":", 3);
      String path = fields[2].substring(1);
      groups.add(TOP.resolve(path));
      for (String controller : fields[1].split(",")) {
        groups.add(TOP.resolve(controller.replaceFirst("^name=", "")).resolve(path));
      }
    }
    return groups;
  }

  private static boolean isHybrid() {
    try {
      return !Files.readString(Path.of(SECOND, "cgroup.controllers")).isBlank();
    } catch (IOException e) {
      return false;
    }
  }
}
