package dev.lamina.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lamina.image.file.HostFiles;
import dev.lamina.sys.ProcessCalls;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs commands through an OCI runtime, with the command line that runc and crun share. The runtime
 * stays in the foreground, where it forwards signals and copies between the two terminals.
 */
final class OciRunner implements Runner {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * The exit status of a Go program after a signal that it does not handle and that did not end it.
   * This happens to runc's own process in the container, which the kernel protects from signals as
   * process 1 of its PID namespace.
   */
  private static final int GO_SIGNALLED = 2;

  private static final String PID_FILE = "pid";
  private static final String STATE = "state";

  /** A file with the runtime's path, which is read when a killed run is cleaned up. */
  private static final String RUNTIME = "runtime";

  private final String runtime;

  /** The words that begin the runtime's command line on this machine; usually none. */
  private final List<String> wrapper;

  /**
   * @param runtime the absolute path of the runtime
   */
  OciRunner(String runtime) throws RunException {
    this.runtime = runtime;
    wrapper = CgroupHierarchy.wrapperFor(runtime);
  }

  @Override
  public int run(RunRequest request, SignalForwarder signals) throws RunException {
    try (Container container = Container.prepare(request)) {
      RunDirectory runDirectory = container.runDirectory();
      runDirectory.write("config.json", OciConfig.of(container));
      runDirectory.write(RUNTIME, Bytes.of(runtime));
      runDirectory.makeDirectory(STATE);
      try (RunCleanup cleanup = RunCleanup.start(runDirectory, delete(runDirectory))) {
        return run(container, signals, cleanup);
      }
    }
  }

  private int run(Container container, SignalForwarder signals, RunCleanup cleanup)
      throws RunException {
    RunDirectory runDirectory = container.runDirectory();
    List<String> line = new ArrayList<>();
    // In a session of its own it gets only the signals that this process forwards.
    line.add(Programs.need("to run a command", "setsid").get("setsid"));
    line.addAll(command(runDirectory, "run"));
    line.addAll(List.of("--bundle", runDirectory.directory().toString()));
    line.addAll(List.of("--pid-file", runDirectory.path(PID_FILE).toString(), name(runDirectory)));
    ProcessBuilder builder = new ProcessBuilder(line).directory(Path.of("/").toFile());
    container.request().connect(builder);
    try {
      Process process = builder.start();
      try {
        cleanup.watch(process.pid());
        AtomicBoolean early = new AtomicBoolean();
        boolean goesOn =
            signals.forwardTo(
                number -> {
                  if (!hasCommandBegun(runDirectory)) {
                    early.set(true);
                  }
                  ProcessCalls.kill(process.pid(), number);
                });
        if (!goesOn) {
          return signals.endStatus();
        }
        int status = process.waitFor();
        if (status == GO_SIGNALLED && early.get() && signals.endStatus() != 0) {
          return signals.endStatus();
        }
        // The file is written when the command's process exists.
        if (status == 0 || Files.exists(runDirectory.path(PID_FILE))) {
          return status;
        }
        // A signal that came before that has ended the runtime.
        return signals.endStatus() != 0 ? signals.endStatus() : RunException.FAILED;
      } finally {
        signals.hold();
        process.destroyForcibly();
        removeWhatIsLeft(runDirectory);
      }
    } catch (IOException e) {
      throw new RunException("cannot start " + runtime + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /**
   * Returns whether the command has replaced the runtime's own process in the container, which is
   * recognised by its name.
   */
  private static boolean hasCommandBegun(RunDirectory runDirectory) {
    try {
      String pid = Files.readString(runDirectory.path(PID_FILE), US_ASCII).strip();
      return !Files.readString(Path.of("/proc", pid, "comm"), ISO_8859_1).startsWith("runc:[");
    } catch (IOException e) {
      return false;
    }
  }

  private List<String> command(RunDirectory runDirectory, String name) {
    List<String> line = new ArrayList<>(wrapper);
    line.addAll(List.of(runtime, "--root", runDirectory.path(STATE).toString(), name));
    return line;
  }

  private List<String> delete(RunDirectory runDirectory) {
    List<String> line = command(runDirectory, "delete");
    line.addAll(List.of("--force", name(runDirectory)));
    return line;
  }

  private static String name(RunDirectory runDirectory) {
    return name(runDirectory.id());
  }

  private static String name(String id) {
    return "lamina-" + id;
  }

  /**
   * Removes the control groups of a run that has left nothing else, because its runtime was killed
   * after it had made them and before it had recorded them.
   *
   * @return false while they are busy
   */
  static boolean removeGroups(String id) throws RunException {
    try {
      return CgroupHierarchy.remove(name(id));
    } catch (IOException e) {
      throw new RunException(
          "cannot remove the control groups of a killed run: " + e.getMessage(), e);
    }
  }

  /** Removes the container if it still exists, because the runtime was killed or has failed. */
  private void removeWhatIsLeft(RunDirectory runDirectory)
      throws IOException, InterruptedException {
    if (!HostFiles.exists(runDirectory.path(STATE).resolve(name(runDirectory)))) {
      return;
    }
    call(delete(runDirectory), PATIENCE);
  }

  /**
   * Removes the container of a killed run from the runtime's records.
   *
   * @return false if it must be tried again later: the container's process is alive, its control
   *     groups are busy, or the runtime does not answer
   */
  static boolean removeAbandoned(RunDirectory runDirectory) throws RunException {
    return removeAbandoned(runDirectory, PATIENCE);
  }

  /** Does the same, and waits at most {@code patience} for each answer of the runtime. */
  static boolean removeAbandoned(RunDirectory runDirectory, Duration patience) throws RunException {
    Path state = runDirectory.path(STATE).resolve(name(runDirectory));
    try {
      if (!HostFiles.exists(state)) {
        return CgroupHierarchy.remove(name(runDirectory));
      }
      OciRunner runner =
          new OciRunner(Bytes.string(Files.readAllBytes(runDirectory.path(RUNTIME))));
      List<String> gently = new ArrayList<>(runner.command(runDirectory, "delete"));
      gently.add(name(runDirectory));
      // The runtime refuses this while the container runs.
      call(gently, patience);
      List<String> ask = new ArrayList<>(runner.command(runDirectory, "state"));
      ask.add(name(runDirectory));
      if (HostFiles.exists(state) && call(ask, patience) == Answer.FAILURE) {
        // The runtime was killed before it had recorded what it had made.
        call(runner.delete(runDirectory), patience);
      }
      return !HostFiles.exists(state) && CgroupHierarchy.remove(name(runDirectory));
    } catch (IOException e) {
      throw new RunException("cannot remove what a killed run has left: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /** The answer of a runtime, by its exit status. */
  private enum Answer {
    SUCCESS,
    FAILURE,
    /** The runtime was too slow, was killed, or could not be started. */
    NONE
  }

  /** Calls the runtime and discards its output. */
  private static Answer call(List<String> line, Duration patience)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(line)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      return Answer.NONE;
    }
    int status = process.exitValue();
    if (status == 0) {
      return Answer.SUCCESS;
    }
    return status < RunException.FAILED ? Answer.FAILURE : Answer.NONE;
  }
}
