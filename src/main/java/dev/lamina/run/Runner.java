package dev.lamina.run;

import dev.lamina.sys.ProcessCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A way to run a command in a root file system. */
public interface Runner {
  /** Instead of a runtime's name: without any. */
  String NONE = "none";

  /**
   * Taken where none is asked for, the first that is installed. crun comes second, since its
   * terminals keep the size that they began with (seen in 1.8.1), and hybrid control groups are
   * nothing to it.
   */
  List<String> KNOWN_RUNTIMES = List.of("runc", "crun");

  /**
   * Runs a command to its end. Signals SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 and SIGWINCH that
   * this process gets meanwhile go to the command; SIGQUIT does not, which the virtual machine
   * keeps for itself. Where one said to end before the command was there, it is not run. Nothing is
   * left behind but what the command did to the root file system, and its working directory.
   *
   * @param signals stay the caller's, and wait again afterwards
   * @return the command's exit status, 128 and the signal's number where one ended it; {@link
   *     RunException#FAILED} when the runtime has failed and said why on standard error
   * @throws RunException when the command was not run, with the exit status for that
   */
  int run(RunRequest request, SignalForwarder signals) throws RunException;

  /**
   * The way that is asked for, or the best there is: an OCI runtime where one is installed,
   * namespaces and util-linux otherwise.
   *
   * @param runtime name or absolute path of an OCI runtime, {@link #NONE}, or null
   */
  static Runner choose(String runtime) throws RunException {
    if (ProcessCalls.geteuid() != 0) {
      throw new RunException("only root can run commands in an image (try sudo)");
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
          "there is no OCI runtime "
              + Bytes.shown(runtime)
              + " (runc and crun are known; none does"
              + " without)");
    }
    return new OciRunner(path);
  }
}
