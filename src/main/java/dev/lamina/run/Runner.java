package dev.lamina.run;

import dev.lamina.sys.ProcessCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs commands in a root file system. */
public interface Runner {
  /** The name that asks for a run without an OCI runtime. */
  String NONE = "none";

  /**
   * The runtimes that are looked for when the user names none, in order. crun comes second, because
   * its terminals keep their first size (seen in 1.8.1) and it does not work with hybrid control
   * groups.
   */
  List<String> KNOWN_RUNTIMES = List.of("runc", "crun");

  /**
   * Runs a command and waits for its end. The signals SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 and
   * SIGWINCH are forwarded to the command. SIGQUIT is not, because the virtual machine uses it. If
   * a signal to terminate arrives before the command has started, the command is not run. The run
   * leaves behind only the command's changes to the root file system, and its working directory.
   *
   * @param signals the forwarder, which the caller closes and which holds signals again afterwards
   * @return the exit status of the command; 128 plus the signal's number if a signal ended it;
   *     {@link RunException#FAILED} if the runtime failed and has said why on standard error
   * @throws RunException if the command was not run
   */
  int run(RunRequest request, SignalForwarder signals) throws RunException;

  /**
   * Returns a line to show the user before the command runs; empty when there is nothing to say.
   */
  default String warning() {
    return "";
  }

  /**
   * Returns the runner that the user asks for. Without a choice it is the first of the known OCI
   * runtimes that is installed, or else a runner that needs only util-linux.
   *
   * @param runtime the name or absolute path of an OCI runtime, {@link #NONE}, or null
   */
  static Runner choose(String runtime) throws RunException {
    if (ProcessCalls.geteuid() != 0) {
      throw new RunException("only root can run commands in an image: try sudo");
    }
    if (NONE.equals(runtime)) {
      return new NamespaceRunner();
    }
    if (runtime == null) {
      for (String known : KNOWN_RUNTIMES) {
        String path = Programs.find(known);
        if (path != null) {
          return new OciRunner(path);
        }
      }
      return new NamespaceRunner();
    }
    String path = runtime.startsWith("/") ? runtime : Programs.find(runtime);
    if (path == null || runtime.contains("/") && !Files.isExecutable(Path.of(path))) {
      throw new RunException(
          "cannot find the OCI runtime "
              + Bytes.shown(runtime)
              + ": install it, or choose another with --runtime (runc, crun, a path, or none)");
    }
    return new OciRunner(path);
  }
}
