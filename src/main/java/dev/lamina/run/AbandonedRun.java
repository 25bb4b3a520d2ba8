package dev.lamina.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A run whose process was killed before it could clean up. Usually the shell of {@link RunCleanup}
 * has cleaned up in its place, but that shell may have been killed as well.
 */
public final class AbandonedRun {
  /** The start time of a process is compared with this tolerance. */
  private static final Duration INACCURACY = Duration.ofSeconds(10);

  private final String id;
  private final Path root;
  private final Path notes;
  private final Instant begun;

  /**
   * @param id the ID in its request
   * @param root where its root file system is or was mounted
   * @param notes the file named in its request, which may not exist
   * @param begun a time before its command began
   */
  public AbandonedRun(String id, Path root, Path notes, Instant begun) {
    this.id = id;
    this.root = root;
    this.notes = notes;
    this.begun = begun;
  }

  /**
   * Returns whether a process has the root file system as its root directory. The result is false
   * for a file system whose daemon has ended.
   */
  public boolean isInhabited() throws RunException {
    Stat mounted = new Stat();
    Stat parent = new Stat();
    int result = Linux.statx(Linux.AT_FDCWD, HostPaths.bytes(root), mounted);
    if (result == -Errno.ENOENT || answersNoMore(result)) {
      return false;
    }
    check(result, root);
    check(Linux.statx(Linux.AT_FDCWD, HostPaths.bytes(root.getParent()), parent), root.getParent());
    return mounted.dev != parent.dev
        && ProcessHandle.allProcesses().anyMatch(process -> mayHaveRootOn(process, mounted.dev));
  }

  /**
   * Returns whether the error says that the daemon has ended. Requests that were under way at that
   * moment fail with ECONNABORTED (fuse_abort_conn in fs/fuse/dev.c).
   */
  private static boolean answersNoMore(int result) {
    return result == -Errno.ENOTCONN || result == -Errno.ECONNABORTED;
  }

  private static void check(int result, Path path) throws RunException {
    if (result < 0) {
      throw new RunException("cannot stat " + HostPaths.text(path) + ": " + Errno.message(-result));
    }
  }

  /**
   * Returns whether a process may have its root on the device. A process that has ended does not,
   * and neither does one whose root directory is on a file system whose daemon has ended. This
   * process may lack the permission to look, for instance at process 1 from within a container.
   * Then the answer is no if the other process began before the run, or if this process is an
   * ordinary user's and the other one is in no user namespace. After any other error the answer is
   * yes, because what may be in use must not be removed.
   */
  private boolean mayHaveRootOn(ProcessHandle process, long device) {
    Stat its = new Stat();
    // Without the slash at the end statx would not follow this link.
    byte[] link = Bytes.of("/proc/" + process.pid() + "/root/");
    int result = Linux.statx(Linux.AT_FDCWD, link, its);
    if (answersNoMore(result)) {
      return false;
    }
    return switch (-result) {
      case 0 -> its.dev == device;
      case Errno.ENOENT, Errno.ESRCH -> false;
      case Errno.EACCES ->
          !isOlder(process) && (ProcessCalls.geteuid() == 0 || !mapsAllUsers(process));
      default -> true;
    };
  }

  /**
   * Returns whether a process is in a namespace that maps all user IDs. An ordinary user's
   * container is in a user namespace that maps only some (user_namespaces(7)). Every user may read
   * the map.
   */
  private static boolean mapsAllUsers(ProcessHandle process) {
    try {
      String map = Files.readString(Path.of("/proc", "" + process.pid(), "uid_map"), US_ASCII);
      return List.of(map.strip().split("\\s+")).equals(List.of("0", "0", "4294967295"));
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isOlder(ProcessHandle process) {
    return process
        .info()
        .startInstant()
        .map(start -> start.plus(INACCURACY).isBefore(begun))
        .orElse(false);
  }

  /**
   * Removes from the root file system the objects that were made only as mount points. They stay
   * where the file system is no longer mounted or its daemon has ended.
   */
  private void removeTargets() throws RunException {
    RootDirectory directory;
    try {
      directory = RootDirectory.open(HostPaths.text(root), notes);
    } catch (RunException e) {
      return;
    }
    try (directory) {
      directory.removeNotedTargets();
    } catch (IOException e) {
      throw new RunException("cannot read " + notes + ": " + e.getMessage(), e);
    }
  }

  /**
   * Removes the files of the run, its mount points, and its container from the runtime's records.
   *
   * @return false, with nothing removed, while the container is alive
   */
  public boolean remove() throws RunException {
    RunDirectory runDirectory = RunDirectory.left(null, id);
    boolean isRemoved =
        runDirectory == null ? OciRunner.removeGroups(id) : OciRunner.removeAbandoned(runDirectory);
    if (!isRemoved) {
      return false;
    }
    removeTargets();
    if (runDirectory != null) {
      runDirectory.close();
    }
    return true;
  }
}
