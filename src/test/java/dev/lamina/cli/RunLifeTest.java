package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.run.TestRoot;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that everything is collected that a killed or terminated run leaves. */
@Tag("slow")
@Tag("one-jdk")
class RunLifeTest {
  /** Mounts that are kept until they are removed. */
  private static final Set<String> NAMED = Set.of("kept", "mine");

  private static final List<String> RUNTIMES = List.of("runc", "crun", "none");

  /** A regular expression for the line on standard error of a run without an OCI runtime. */
  private static final String UNCONFINED =
      "lamina: warning: running without an OCI runtime \\(experimental, unconfined\\): [^\n]*\n";

  @TempDir static Path directory;

  private static Path store;

  @TempDir Path own;

  private Path out;
  private Process process;
  private String sleep;

  /** Returns one runtime and none; all runtimes with the property lamina.test.all. */
  static Stream<String> runtimes() {
    return Boolean.getBoolean("lamina.test.all") ? RUNTIMES.stream() : Stream.of("runc", "none");
  }

  @BeforeAll
  static void image() throws IOException {
    store = directory.resolve("store");
    Path root = Files.createDirectory(directory.resolve("root"));
    TestRoot.make(root);
    lamina("import", root.toString(), "image").succeed();
  }

  @BeforeEach
  void name() {
    out = own.resolve("out");
    // A command line that no other process has.
    sleep = "sleep 48" + ProcessHandle.current().pid() + "." + System.nanoTime();
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    sleepers().forEach(ProcessHandle::destroyForcibly);
    // A failed test may have left its named mounts.
    list(store.resolve("mounts")).stream()
        .filter(NAMED::contains)
        .forEach(name -> lamina("rm", name));
    awaitNothingLeft();
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of("scripts/lamina", "--root", store.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Commands.Result lamina(String... arguments) {
    return Commands.run(new ProcessBuilder(command(arguments)));
  }

  /** Returns a command that leads a session, and so a process group. */
  private static List<String> inOwnSession(String... arguments) {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(command(arguments));
    return command;
  }

  private void start(String... arguments) throws IOException {
    process =
        new ProcessBuilder(inOwnSession(arguments))
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(out.toFile()))
            .start();
  }

  private void startSleep(String runtime, String... options) throws IOException {
    List<String> run = new ArrayList<>(List.of("run", "--runtime", runtime));
    run.addAll(List.of(options));
    run.add("image");
    run.addAll(List.of(sleep.split(" ")));
    start(run.toArray(String[]::new));
    Waiting.until(
        "the command runs",
        () -> {
          assertTrue(process.isAlive(), this::printed);
          return sleepers().size() == 1;
        });
  }

  /**
   * Measures how long a run takes until its command runs. Tests choose moments of a run as
   * fractions of this time, so that they are the same moments on a busy machine.
   */
  private long millisUntilTheCommandRuns(String runtime) throws IOException {
    long begin = System.nanoTime();
    startSleep(runtime, "--rm");
    long millis = (System.nanoTime() - begin) / 1_000_000;
    sleepers().forEach(ProcessHandle::destroyForcibly);
    Waiting.untilEnd("the run", process);
    awaitNothingLeft();
    return millis;
  }

  private String printed() {
    try {
      return Files.readString(out, ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<ProcessHandle> sleepers() {
    String line = sleep.replace(' ', '\0') + "\0";
    return ProcessHandle.allProcesses().filter(one -> commandLine(one).equals(line)).toList();
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline"), ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static List<String> list(Path of) {
    if (!Files.isDirectory(of)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(of)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String mounted() {
    try {
      return Files.readAllLines(Path.of("/proc/self/mounts"), ISO_8859_1).stream()
          .filter(line -> line.contains(store.toString()))
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the ID of the only run. */
  private static String id() {
    List<String> ids = list(store.resolve("run")).stream().filter(n -> !n.contains(".")).toList();
    assertEquals(1, ids.size(), ids.toString());
    return ids.get(0);
  }

  private static Path area(String id) {
    return Path.of("/run/lamina/run-" + id);
  }

  private static List<String> groups(String id) {
    return Commands.run("find", "/sys/fs/cgroup", "-name", "*" + id + "*").out().lines().toList();
  }

  private static void awaitNothingLeft() {
    Waiting.until("nothing is left", () -> isNothingLeft());
  }

  private static boolean isNothingLeft() {
    if (!isNothingLeftWithoutCollecting()) {
      lamina("gc").succeed();
    }
    return isNothingLeftWithoutCollecting();
  }

  private static void awaitNothingLeftOf(String id) {
    awaitNothingLeft();
    assertEquals(List.of(), list(area(id)));
    assertEquals(List.of(), groups(id));
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void aKilledRunIsCollected(String runtime) throws Exception {
    startSleep(runtime, "--rm");
    String id = id();
    process.destroyForcibly();
    Waiting.until("the command has ended", () -> sleepers().isEmpty());
    awaitNothingLeftOf(id);
  }

  /**
   * Kills runs at moments from the start until the command runs, at other ones for each runtime.
   */
  @ParameterizedTest
  @MethodSource("runtimes")
  void aKillAtAnyStageIsCollected(String runtime) throws Exception {
    Set<String> ids = new TreeSet<>();
    long whole = millisUntilTheCommandRuns(runtime);
    for (int i = RUNTIMES.indexOf(runtime); i < 18; i += RUNTIMES.size()) {
      start("run", "--rm", "--runtime", runtime, "image", "sleep", sleep.split(" ")[1]);
      Thread.sleep(whole * (4 + i) / 20);
      process.destroyForcibly();
      Waiting.untilEnd("the run", process);
      list(store.resolve("run")).stream().filter(name -> !name.contains(".")).forEach(ids::add);
      awaitNothingLeft();
    }
    Waiting.until("no command is left", () -> sleepers().isEmpty());
    for (String id : ids) {
      Waiting.until("nothing is left of " + id, () -> list(area(id)).isEmpty());
      assertEquals(List.of(), groups(id));
    }
  }

  /** Also kills the cleanup shell and the runtime. */
  private void killAllButTheCommand() {
    List<ProcessHandle> all = process.descendants().toList();
    List<ProcessHandle> doomed = new ArrayList<>(all);
    doomed.removeAll(sleepers());
    // The processes are stopped first, so that the cleanup shell does not see another one end.
    for (ProcessHandle one : doomed) {
      Commands.run("kill", "-STOP", "" + one.pid());
    }
    // The run comes first, since it would remove the container when it sees the runtime end.
    process.destroyForcibly();
    doomed.forEach(ProcessHandle::destroyForcibly);
    Waiting.untilEnd("the run", process);
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void aContainerThatOutlivesItsRunIsLeftAlone(String runtime) throws Exception {
    startSleep(runtime, "--rm");
    String id = id();
    killAllButTheCommand();
    for (int i = 0; i < 2; i++) {
      lamina("gc").succeed();
      assertEquals(1, sleepers().size());
      assertTrue(mounted().contains("/run/" + id + " "), mounted());
      assertEquals(1, list(store.resolve("mounts")).size());
      assertTrue(Files.exists(area(id)));
      // The container still has its files.
      long inside = sleepers().get(0).pid();
      assertTrue(Files.exists(Path.of("/proc/" + inside + "/root/etc/group")));
    }
    sleepers().forEach(ProcessHandle::destroyForcibly);
    Waiting.until("the command has ended", () -> sleepers().isEmpty());
    awaitNothingLeftOf(id);
  }

  /** Changes are kept; the next run removes the rest. */
  @ParameterizedTest
  @MethodSource("runtimes")
  void theNextRunCollects(String runtime) throws Exception {
    startSleep(runtime, "--name", "kept");
    String id = id();
    killAllButTheCommand();
    sleepers().forEach(ProcessHandle::destroyForcibly);
    Waiting.until("the command has ended", () -> sleepers().isEmpty());
    // This works even if the next run needs the same mount.
    lamina("run", "--name", "kept", "--runtime", runtime, "image", "true").succeed();
    assertEquals("", mounted());
    assertEquals(List.of(), list(store.resolve("run")));
    assertEquals(List.of("kept"), list(store.resolve("mounts")));
    assertEquals(List.of(), list(area(id)));
    assertEquals(List.of(), groups(id));
    // The mount points that the run made are not changes.
    assertEquals("", lamina("diff", "kept").succeed().out());
    lamina("rm", "kept").succeed();
  }

  /** A run that is refused because of its mount's name does not remove that mount. */
  @ParameterizedTest
  @ValueSource(strings = {"none"})
  void anotherRunsMountIsNotRemoved(String runtime) throws Exception {
    startSleep(runtime, "--name", "mine");
    Commands.Result second =
        lamina("run", "--rm", "--name", "mine", "--runtime", runtime, "image", "true");
    assertEquals(125, second.status(), second.err());
    assertEquals(List.of("mine"), list(store.resolve("mounts")));
    id();
    process.destroy();
    sleepers().forEach(ProcessHandle::destroyForcibly);
    Waiting.untilEnd("the run", process);
    assertEquals(List.of("mine"), list(store.resolve("mounts")));
    lamina("rm", "mine").succeed();
  }

  private void signal(String name) {
    // The signal goes to the whole process group, as from a terminal.
    Commands.run("kill", "-" + name, "--", "-" + process.pid());
  }

  private static boolean isNothingLeftWithoutCollecting() {
    return mounted().isEmpty()
        && list(store.resolve("run")).isEmpty()
        && list(store.resolve("mounts")).isEmpty();
  }

  /**
   * Sends signals at many moments, from before the virtual machine has started until the command
   * runs, at other ones for each runtime.
   */
  @ParameterizedTest
  @MethodSource("runtimes")
  void aSignalAtAnyStage(String runtime) throws Exception {
    String script =
        "trap 'exit 143' TERM; trap 'exit 130' INT; trap 'exit 129' HUP; echo ready;"
            + " while :; do sleep 0.02; done";
    Map<String, Integer> signals = Map.of("TERM", 143, "INT", 130, "HUP", 129);
    List<String> names = List.of("INT", "TERM", "HUP");
    long whole = millisUntilTheCommandRuns(runtime);
    for (int i = RUNTIMES.indexOf(runtime); i < 27; i += RUNTIMES.size()) {
      String name = names.get(i / RUNTIMES.size() % names.size());
      start("run", "--rm", "--runtime", runtime, "image", "sh", "-c", script);
      Thread.sleep(whole * i / 24);
      signal(name);
      while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
        // A signal that comes before the trap is set has no effect on process 1.
        if (printed().contains("ready")) {
          signal(name);
        }
      }
      assertEquals(signals.get(name), process.exitValue(), i + ": " + printed());
      assertTrue(isNothingLeftWithoutCollecting(), i + ": " + mounted() + printed());
      assertEquals("", printed().replace("ready\n", "").replaceFirst(UNCONFINED, ""));
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void signalsWhileItEnds(String runtime) throws Exception {
    start("run", "--rm", "--runtime", runtime, "image", "sh", "-c", "echo done");
    while (!process.waitFor(5, TimeUnit.MILLISECONDS)) {
      if (printed().contains("done")) {
        signal("TERM");
      }
    }
    // The signal may end the runtime before it has reported the end of the command.
    assertTrue(List.of(0, 143).contains(process.exitValue()), process.exitValue() + printed());
    assertTrue(isNothingLeftWithoutCollecting(), mounted());
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aSignalWhileTheImageIsFetched(String name) throws Exception {
    try (ServerSocket registry = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      registry.setSoTimeout((int) Waiting.HANG.toMillis());
      String image = "docker://127.0.0.1:" + registry.getLocalPort() + "/image";
      start("run", "--rm", "--tls-verify=false", image, "true");
      try (Socket connection = registry.accept()) {
        // The request is never answered.
        assertTrue(connection.isConnected());
        signal(name);
        Waiting.untilEnd("the run", process);
      }
      assertEquals(name.equals("INT") ? 130 : 143, process.exitValue(), printed());
      assertTrue(isNothingLeftWithoutCollecting(), mounted());
    }
  }
}
