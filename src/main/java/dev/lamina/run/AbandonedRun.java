package dev.lamina.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lamina.image.HostPaths;
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
 * A run whose process has ended without ending it. Usually a shell that watches has then done so
 * ({@link RunCleanup}), but that can have been killed, too.
 */
public final class AbandonedRun {
  /** Of the time at which a process began, which is told by the second. */
  private static final Duration INACCURACY = Duration.ofSeconds(10);

  private final String id;
  private final Path root;
  private final Path notes;
  private final Instant begun;

  /**
   * @param id of its request
   * @param root where its root file system is mounted, or was
   * @param notes that its request named, if it has made them
   * @param begun before its command began
   */
  public AbandonedRun(String id, Path root, Path notes, Instant begun) {
    this.id = id;
    this.root = root;
    this.notes = notes;
    this.begun = begun;
  }

  /**
   * Whether a process has the root file system for its root. It is not asked of one that answers no
   * more.
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
   * The daemon has ended; what was under way then is aborted (fuse_abort_conn of fs/fuse/dev.c).
   */
  private static boolean answersNoMore(int result) {
    return result == -Errno.ENOTCONN || result == -Errno.ECONNABORTED;
  }

  private static void check(int result, Path path) throws RunException {
    if (result < 0) {
      throw new RunException(
          "cannot look at " + HostPaths.text(path) + ": " + Errno.message(-result));
    }
  }

  /**
   * One that has ended has none; one whose root answers no more has another. One that this process
   * may not look at, as the first of all may be in a container, has none if it began before the
   * run, or is in no user namespace while this is an ordinary user's. Any other error leaves it
   * open, and what may be in use is not removed.
   */
  private boolean mayHaveRootOn(ProcessHandle process, long device) {
    Stat its = new Stat();
    // A link that statx would not follow, but for the slash.
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
   * An ordinary user's container is in a user namespace, where not all numbers are mapped
   * (user_namespaces(7)); everybody may read the map.
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
   * Removes from the root file system, while it is mounted, what was made only to mount something
   * over it. Where that file system answers no more, it stays.
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
      throw new RunException(notes + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Removes the files of the run, its places for mounts, and its container from the runtime's
   * records.
   *
   * @return false while the container lives: then nothing is removed
   */
  public boolean remove() throws RunException {
    RunDirectory runDirectory = RunDirectory.left(null, id);
    boolean isRemoved = runDirectory == null ? OciRunner.removeGroups(id) : OciRunner.removeAbandoned(runDirectory);
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
