package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.Terminal;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs commands without an OCI runtime. A thread makes the namespaces and all mounts ({@link
 * IsolatedMounts}). A shell is started in these namespaces and in a new PID namespace, with the
 * programs of util-linux. It mounts /proc, drops its privileges, and waits. Then the thread changes
 * the root of the shell, which becomes the command ({@link ShellCommand}), process 1 of its
 * namespace.
 *
 * <p>Unlike with a runtime, system calls are not filtered, because util-linux has no program for
 * that, and there are no control groups. Therefore the mounts are without devices but for /dev, and
 * the command does not have CAP_MKNOD.
 */
final class NamespaceRunner implements Runner {

  /** Directories of the run that are mount points in its own namespace only. */
  static final List<String> MOUNT_POINTS = List.of("root", "proc", "mount");

  /**
   * Prepares process 1. $1 is the program mount, $2 the directory of the run; a command follows.
   */
  private static final String FIRST_SCRIPT =
      """
      set -e
      "$1" -n -t proc -o nosuid,nodev,noexec proc "$2/proc"
      exec 3<"$2/command" 4>"$2/ready" 5<"$2/go"
      shift 2
      exec "$@"
      """;

  /**
   * Waits for process 1, which is the first process it starts. unshare --fork would wait as well,
   * but does not report that SIGKILL has ended the process (util-linux 2.38). The shell's own
   * message about the signal is discarded.
   */
  private static final String WAITING_SCRIPT =
      """
      exec 3>&2 2>/dev/null
      "$@" 2>&3 3>&-
      exit $?
      """;

  private final Map<String, String> tools;

  NamespaceRunner() throws RunException {
    tools =
        Programs.need(
            "to run a command without an OCI runtime",
            "mount",
            "nsenter",
            "setpriv",
            "setsid",
            "sh",
            "unshare");
  }

  /**
   * The processes of a run.
   *
   * @param process the process that waits for the command
   * @param first the command, process 1 of its namespace; null before it has started
   * @param terminal a descriptor of the container's {@code ptmx}, also for a command without a
   *     terminal
   */
  private record Started(Process process, ProcessHandle first, int terminal) {
    long pid() {
      return first.pid();
    }
  }

  @Override
  public String warning() {
    return "warning: running without an OCI runtime (experimental, unconfined): system calls are not"
        + " filtered; install runc or crun";
  }

  @Override
  public int run(RunRequest request, SignalForwarder signals) throws RunException {
    if (request.seccomp().isFile()) {
      throw new RunException(
          "a seccomp profile needs runc or crun: without an OCI runtime system calls are not"
              + " filtered");
    }
    try (Container container = Container.prepare(request)) {
      RunDirectory runDirectory = container.runDirectory();
      for (String name : MOUNT_POINTS) {
        runDirectory.makeMountPoint(name);
      }
      runDirectory.write("file", new byte[0]);
      runDirectory.write("command", ShellCommand.of(container.process(), container.root()));
      try (Handshake handshake = new Handshake(runDirectory);
          RunCleanup cleanup = RunCleanup.start(runDirectory, List.of())) {
        Started started = start(container, cleanup, handshake);
        try {
          return await(started, request.isTerminal(), signals);
        } finally {
          signals.hold();
          kill(started);
          Linux.close(started.terminal());
        }
      }
    }
  }

  private Started start(Container container, RunCleanup cleanup, Handshake handshake)
      throws RunException {
    Map<String, Path> files = container.networkFiles();
    try (IsolatedThread thread = new IsolatedThread()) {
      IsolatedMounts mounts = thread.call(() -> new IsolatedMounts(container));
      int ptmx = -1;
      Started started = null;
      boolean done = false;
      try {
        ptmx = thread.call(mounts::mountDev);
        thread.call(() -> mounts.mountAll(container, files));
        thread.call(() -> mounts.protectProgram(tools.get("sh")));
        Process process = launch(container, thread.namespaces(), ptmx);
        started = new Started(process, null, ptmx);
        cleanup.watch(process.pid());
        handshake.awaitReady(process);
        started = new Started(process, onlyChild(process), ptmx);
        cleanup.watch(started.pid());
        thread.call(mounts::attachProc);
        thread.call(mounts::changeRoot);
        handshake.go();
        done = true;
        return started;
      } finally {
        if (!done && started != null) {
          kill(started);
        }
        if (!done && ptmx >= 0) {
          Linux.close(ptmx);
        }
        mounts.close();
      }
    }
  }

  private Process launch(Container container, String namespaces, int ptmx) throws RunException {
    boolean wantsTerminal = container.request().isTerminal();
    ProcessBuilder builder = new ProcessBuilder(commandLine(container, namespaces));
    builder.directory(Path.of("/").toFile());
    builder.environment().clear();
    builder.environment().put("LC_ALL", "C");
    int peer = -1;
    if (wantsTerminal) {
      peer = Terminal.openPeer(ptmx);
      if (peer < 0) {
        throw new RunException("cannot open a terminal for the command: " + Errno.message(-peer));
      }
      Linux.fchown(peer, container.process().user().uid(), -1);
      File file = new File("/proc/self/fd/" + peer);
      builder.redirectInput(file);
      builder.redirectOutput(Redirect.appendTo(file)).redirectError(Redirect.appendTo(file));
    } else {
      container.request().connect(builder);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new RunException("cannot start a process: " + e.getMessage(), e);
    } finally {
      if (peer >= 0) {
        Linux.close(peer);
      }
    }
  }

  private List<String> commandLine(Container container, String namespaces) {
    ContainerUser user = container.process().user();
    String shell = tools.get("sh");
    List<String> line = new ArrayList<>();
    // In a session of its own the waiting process does not get the signals of the terminal.
    line.addAll(List.of(tools.get("setsid"), tools.get("nsenter")));
    for (String namespace : List.of("mount=mnt", "uts=uts", "ipc=ipc", "net=net")) {
      line.add("--" + namespace.replace("=", "=" + namespaces + "/"));
    }
    line.addAll(List.of("--", tools.get("unshare")));
    line.addAll(List.of("--pid", "--", shell, "-c", WAITING_SCRIPT, "sh"));
    line.addAll(List.of(shell, "-c", FIRST_SCRIPT, "sh"));
    line.addAll(List.of(tools.get("mount"), container.runDirectory().directory().toString()));
    // The command leads a session in its namespace and has the terminal as its controlling
    // terminal.
    line.add(tools.get("setsid"));
    if (container.request().isTerminal()) {
      line.add("--ctty");
    }
    line.add(tools.get("setpriv"));
    line.addAll(List.of("--reuid", "" + user.uid(), "--regid", "" + user.gid()));
    if (user.groups().isEmpty()) {
      line.add("--clear-groups");
    } else {
      line.add("--groups");
      line.add(user.groups().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    line.addAll(List.of("--inh-caps=-all", "--bounding-set", Capabilities.boundingSet(), "--"));
    line.addAll(List.of(shell, "/proc/self/fd/3"));
    return line;
  }

  private static ProcessHandle onlyChild(Process process) throws RunException {
    return process
        .children()
        .findFirst()
        .orElseThrow(() -> new RunException("the container's first process has ended too early"));
  }

  private static int await(Started started, boolean terminal, SignalForwarder signals)
      throws RunException {
    try {
      if (!terminal) {
        return signals.forwardTo(started.pid()) ? started.process().waitFor() : signals.endStatus();
      }
      try (TerminalRelay relay = new TerminalRelay(started.terminal())) {
        boolean goesOn =
            signals.forwardTo(
                number -> {
                  if (number == SignalForwarder.SIGWINCH) {
                    // The kernel sends SIGWINCH to the processes of that terminal.
                    relay.resize();
                  } else {
                    ProcessCalls.kill(started.pid(), number);
                  }
                });
        return goesOn ? started.process().waitFor() : signals.endStatus();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /**
   * Ends the first process of the namespace, and with it all others. A process handle is used
   * instead of the PID, which may belong to another process by now.
   */
  private static void kill(Started started) {
    if (started.first() != null) {
      started.first().destroyForcibly();
    }
    started.process().destroyForcibly();
  }
}
