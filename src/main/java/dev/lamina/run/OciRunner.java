package dev.lamina.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lamina.image.HostFiles;
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
 * stays in the foreground: it passes signals on, and stands between the two terminals.
 */
final class OciRunner implements Runner {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * What a program in Go exits with where a signal has come that it does not expect and that does
   * not end it either: runc's own process in the container, which the kernel protects as the first
   * of its PID namespace.
   */
  private static final int GO_SIGNALLED = 2;

  private static final String PID_FILE = "pid";
  private static final String STATE = "state";

  /** A file with the runtime's path, for who finds what a run has left. */
  private static final String RUNTIME = "runtime";

  private final String runtime;

  /** What its command line begins with here. */
  private final List<String> wrapper;

  /**
   * @param runtime absolute path
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
    // In a session of its own it gets no signal of the terminal's but those that come from here.
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
        // The file is written when the command's process is there.
        if (status == 0 || Files.exists(runDirectory.path(PID_FILE))) {
          return status;
        }
        // A signal that came before it was there has ended the runtime.
        return signals.endStatus() != 0 ? signals.endStatus() : RunException.FAILED;
      } finally {
        signals.hold();
        process.destroyForcibly();
        removeWhatIsLeft(runDirectory);
      }
    } catch (IOException e) {
      throw new RunException(runtime + " cannot be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /** Until then the container's first process is the runtime's own, and is named so. */
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
   * Removes control groups of a run that has nothing else left: its runtime was killed between
   * making them and writing down that it had.
   *
   * @return false while something keeps them busy
   */
  static boolean removeGroups(String id) throws RunException {
    try {
      return CgroupHierarchy.remove(name(id));
    } catch (IOException e) {
      throw new RunException("control groups of a run: " + e.getMessage(), e);
    }
  }

  /**
   * Where the runtime was killed, or has failed in the midst of it, the container is still there.
   */
  private void removeWhatIsLeft(RunDirectory runDirectory) throws IOException, InterruptedException {
    if (!HostFiles.exists(runDirectory.path(STATE).resolve(name(runDirectory)))) {
      return;
    }
    call(delete(runDirectory), PATIENCE);
  }

  /**
   * Removes what the runtime has of a run that was killed.
   *
   * @return false while the container's process lives, or keeps its control groups busy, or the
   *     runtime does not say: then it is for another time
   */
  static boolean removeAbandoned(RunDirectory runDirectory) throws RunException {
    return removeAbandoned(runDirectory, PATIENCE);
  }

  /** The same, waiting so long for each answer of the runtime's. */
  static boolean removeAbandoned(RunDirectory runDirectory, Duration patience) throws RunException {
    Path state = runDirectory.path(STATE).resolve(name(runDirectory));
    try {
      if (!HostFiles.exists(state)) {
        return CgroupHierarchy.remove(name(runDirectory));
      }
      OciRunner runner = new OciRunner(Bytes.string(Files.readAllBytes(runDirectory.path(RUNTIME))));
      List<String> gently = new ArrayList<>(runner.command(runDirectory, "delete"));
      gently.add(name(runDirectory));
      // Refused while it runs.
      call(gently, patience);
      List<String> ask = new ArrayList<>(runner.command(runDirectory, "state"));
      ask.add(name(runDirectory));
      if (HostFiles.exists(state) && call(ask, patience) == Answer.FAILURE) {
        // The runtime was killed before it had written down what it had made.
        call(runner.delete(runDirectory), patience);
      }
      return !HostFiles.exists(state) && CgroupHierarchy.remove(name(runDirectory));
    } catch (IOException e) {
      throw new RunException("what a run has left: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /** What a runtime says by its exit status. */
  private enum Answer {
    SUCCESS,
    FAILURE,
    /** It was too slow, was killed, or could not be started. */
    NONE
  }

  /** Calls the runtime, without a word of its. */
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
