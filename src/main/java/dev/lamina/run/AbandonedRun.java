package dev.lamina.run;

import dev.lamina.image.HostPaths;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.nio.file.Path;

/**
 * A run whose process has ended without ending it. Usually a shell that watches has then done so
 * ({@link Janitor}), but that can have been killed, too.
 */
public final class AbandonedRun {
  private final String id;
  private final Path root;

  /**
   * @param id of its request
   * @param root where its root file system is mounted, or was
   */
  public AbandonedRun(String id, Path root) {
    this.id = id;
    this.root = root;
  }

  /**
   * Whether a process has the root file system for its root. It is not asked of one that answers no
   * more.
   */
  public boolean isInhabited() {
    Stat mounted = new Stat();
    Stat parent = new Stat();
    if (Linux.statx(Linux.AT_FDCWD, HostPaths.bytes(root), mounted) < 0
        || Linux.statx(Linux.AT_FDCWD, HostPaths.bytes(root.getParent()), parent) < 0
        || mounted.dev == parent.dev) {
      return false;
    }
    return ProcessHandle.allProcesses().anyMatch(process -> hasRootOn(process, mounted.dev));
  }

  private static boolean hasRootOn(ProcessHandle process, long device) {
    Stat its = new Stat();
    // A link that statx would not follow, but for the slash.
    byte[] link = Bytes.of("/proc/" + process.pid() + "/root/");
    return Linux.statx(Linux.AT_FDCWD, link, its) == 0 && its.dev == device;
  }

  /**
   * Removes the files of the run, and its container from the runtime's records.
   *
   * @return false while the container lives: then nothing is removed
   */
  public boolean remove() throws RunException {
    WorkArea area = WorkArea.left(null, id);
    if (area == null) {
      return true;
    }
    if (!OciRunner.removeAbandoned(area)) {
      return false;
    }
    area.close();
    return true;
  }
}
