package dev.lamina.differential;

import dev.lamina.sys.Mounts;
import dev.lamina.sys.TestCalls;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs a scenario in a thread of its own, in a fresh directory, so that a mount that hangs costs
 * one scenario and not the test.
 */
final class WorkerThread {
  /** A hang; it is not worth shrinking, as each attempt would cost the time-out. */
  static final String HANG_KIND = "time-out";

  /** A mount or unmount that failed, or a fault of the harness. */
  static final String FAILURE_KIND = "failure";

  /** More than what mounting may take, which has a time-out of its own. */
  private static final Duration STEP_TIMEOUT = Waiting.HANG.plusSeconds(15);

  private static final Duration GRACE = Duration.ofSeconds(10);

  private WorkerThread() {}

  /**
   * Runs to the end or to the time-out; a failure of the harness or of a mount is a difference,
   * too.
   *
   * @param base where the fresh directory is made
   */
  static ScenarioRun.Result run(Scenario scenario, Setup setup, Extent extent, Path base) {
    Path directory = freshDirectory(base);
    Progress progress = new Progress();
    AtomicReference<ScenarioRun.Result> result = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> result.set(runHere(scenario, setup, extent, directory, progress)),
            "differential");
    thread.setDaemon(true);
    thread.start();
    boolean ended = waitFor(thread, progress);
    String step = progress.step();
    release(directory);
    if (!ended) {
      waitFor(thread, GRACE);
      return failure(HANG_KIND, step, "ends", "does not end within " + STEP_TIMEOUT);
    }
    remove(directory);
    return result.get();
  }

  private static ScenarioRun.Result runHere(
      Scenario scenario, Setup setup, Extent extent, Path directory, Progress progress) {
    try {
      int unshared = TestCalls.unshareUmask();
      if (unshared < 0) {
        throw new AssertionError("unshare: " + Facts.result(unshared));
      }
      return new ScenarioRun(scenario, setup, extent, directory, progress).run();
    } catch (RuntimeException | Error e) {
      return failure(FAILURE_KIND, progress.step(), "works", e.toString());
    }
  }

  private static ScenarioRun.Result failure(
      String kind, String step, String expected, String actual) {
    return new ScenarioRun.Result(
        new Difference(kind, step, "ends well", expected, actual), 0, 0, Map.of());
  }

  private static boolean waitFor(Thread thread, Progress progress) {
    while (progress.age() < STEP_TIMEOUT.toNanos()) {
      if (waitFor(thread, Duration.ofSeconds(1))) {
        return true;
      }
    }
    return false;
  }

  private static boolean waitFor(Thread thread, Duration time) {
    try {
      thread.join(time.toMillis());
      return !thread.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /**
   * Unmounts what a failure left. MNT_FORCE first: it ends the connection to a FUSE server, so that
   * a thread that waits for an answer gets one.
   */
  private static void release(Path directory) {
    for (Path point : Sandbox.mountsBelow(directory)) {
      byte[] name = point.toString().getBytes(StandardCharsets.ISO_8859_1);
      Mounts.umount2(name, TestCalls.MNT_FORCE | Mounts.UMOUNT_NOFOLLOW);
      Mounts.umount2(name, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
    }
  }

  private static Path freshDirectory(Path base) {
    try {
      return Files.createTempDirectory(base, "scenario-");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void remove(Path directory) {
    if (!Sandbox.mountsBelow(directory).isEmpty()) {
      throw new AssertionError("still mounted: " + Sandbox.mountsBelow(directory));
    }
    Commands.run("rm", "-rf", "--one-file-system", directory.toString()).succeed();
  }
}
