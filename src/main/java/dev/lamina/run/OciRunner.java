package dev.lamina.run;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands through an OCI runtime, with the command line that runc and crun share. The runtime
 * stays in the foreground: it passes signals on, and stands between the two terminals.
 */
final class OciRunner implements Runner {
  private static final long PATIENCE_SECONDS = 30;
  private static final String PID_FILE = "pid";
  private static final String STATE = "state";

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
  public int run(RunRequest request) throws RunException {
    try (Container container = Container.prepare(request);
        SignalForwarder signals = SignalForwarder.start()) {
      WorkArea area = container.area();
      area.write("config.json", OciConfig.of(container));
      area.makeDirectory(STATE);
      try (Janitor janitor = Janitor.start(area, delete(area))) {
        return run(container, signals, janitor);
      }
    }
  }

  private int run(Container container, SignalForwarder signals, Janitor janitor)
      throws RunException {
    WorkArea area = container.area();
    List<String> line = new ArrayList<>();
    // In a session of its own it gets no signal of the terminal's but those that come from here.
    line.add(Programs.need("to run a command", "setsid").get("setsid"));
    line.addAll(command(area, "run"));
    line.addAll(List.of("--bundle", area.directory().toString()));
    line.addAll(List.of("--pid-file", area.path(PID_FILE).toString(), name(area)));
    ProcessBuilder builder = new ProcessBuilder(line).directory(Path.of("/").toFile());
    container.request().connect(builder);
    try {
      Process process = builder.start();
      try {
        janitor.watch(process.pid());
        signals.forwardTo(process.pid());
        int status = process.waitFor();
        // The file is written when the command's process is there.
        return status != 0 && !Files.exists(area.path(PID_FILE)) ? RunException.FAILED : status;
      } finally {
        process.destroyForcibly();
        removeWhatIsLeft(area);
      }
    } catch (IOException e) {
      throw new RunException(runtime + " cannot be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  private List<String> command(WorkArea area, String name) {
    List<String> line = new ArrayList<>(wrapper);
    line.addAll(List.of(runtime, "--root", area.path(STATE).toString(), name));
    return line;
  }

  private List<String> delete(WorkArea area) {
    List<String> line = command(area, "delete");
    line.addAll(List.of("--force", name(area)));
    return line;
  }

  private static String name(WorkArea area) {
    return "lamina-" + area.id();
  }

  /**
   * Where the runtime was killed, or has failed in the midst of it, the container is still there.
   */
  private void removeWhatIsLeft(WorkArea area) throws IOException, InterruptedException {
    if (!Files.exists(area.path(STATE).resolve(name(area)))) {
      return;
    }
    Process process =
        new ProcessBuilder(delete(area))
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
