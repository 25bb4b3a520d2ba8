package dev.lamina.run;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of signals, kills and terminals, with runs in another process ({@link RunTool}). */
@Tag("slow")
@Tag("one-jdk")
class LifeTest {
  @TempDir static Path shared;
  @TempDir Path directory;

  private static Tree root;

  private Path state;
  private Path out;
  private Process process;

  @BeforeAll
  static void makeRoot() throws IOException {
    root = TestRoot.make(Files.createDirectory(shared.resolve("root")));
  }

  @BeforeEach
  void name() {
    state = directory.resolve("state");
    out = directory.resolve("out");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    if (process != null) {
      // The cleanup shell is a descendant as well, and must not be killed.
      process
          .descendants()
          .filter(one -> Leftovers.commandLine(one).contains(RunTool.class.getName()))
          .forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    Leftovers.assertNone(state);
    assertEquals("", Leftovers.mountsBelow(directory));
  }

  private List<String> tool(RuntimeKind kind, String options, String... command) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    String target = Path.of("target").toAbsolutePath().toString();
    line.add("%1$s/test-classes:%1$s/classes:%1$s/lib/*".formatted(target));
    line.addAll(List.of(RunTool.class.getName(), kind.runtime, root.string(""), state.toString()));
    line.addAll(options.isEmpty() ? List.of() : List.of(options.split(" ")));
    line.add("--");
    line.addAll(List.of(command));
    return line;
  }

  private void start(List<String> line) throws IOException {
    process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(out.toFile()))
            .start();
  }

  private String printed() {
    try {
      return Files.readString(out, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitPrinted(String text) {
    Waiting.until(
        "it prints " + text,
        () -> {
          if (!process.isAlive() && !printed().contains(text)) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + printed());
          }
          return printed().contains(text);
        });
  }

  private int awaitEnd() {
    return Waiting.untilEnd("the run that printed " + printed(), process);
  }

  private void signal(String name) {
    Commands.run("kill", "-" + name, "" + process.pid()).succeed();
  }

  /** Returns the process in a container that has this command line. */
  private static ProcessHandle inContainer(String commandLine) {
    List<ProcessHandle> found =
        ProcessHandle.allProcesses()
            .filter(one -> Leftovers.commandLine(one).equals(commandLine.replace(' ', '\0') + "\0"))
            .toList();
    assertEquals(1, found.size(), commandLine);
    return found.get(0);
  }

  @ParameterizedTest
  @EnumSource
  void signalsAreForwarded(RuntimeKind kind) throws Exception {
    String script =
        "for s in TERM HUP INT USR1 WINCH; do trap \"echo got $s\" $s; done; trap 'exit 5' USR2;"
            + " echo ready; while :; do sleep 0.05; done";
    start(tool(kind, "", "sh", "-c", script));
    awaitPrinted("ready");
    String expected = "ready\n";
    for (String name : List.of("TERM", "HUP", "INT", "USR1", "WINCH")) {
      // A runtime sets the size of the container's terminal itself.
      if (name.equals("WINCH") && kind.isRuntime()) {
        continue;
      }
      signal(name);
      expected += "got " + name + "\n";
      awaitPrinted(expected);
    }
    signal("USR2");
    assertEquals(5, awaitEnd());
    assertEquals(expected, printed());
  }

  @ParameterizedTest
  @EnumSource
  void aCommandThatASignalEnds(RuntimeKind kind) throws Exception {
    String sleep = "sleep 4711." + kind.ordinal() + process().pid();
    start(tool(kind, "", sleep.split(" ")));
    Waiting.until("it runs", () -> count(sleep) == 1);
    inContainer(sleep).destroyForcibly();
    assertEquals(128 + 9, awaitEnd(), printed());
  }

  private static ProcessHandle process() {
    return ProcessHandle.current();
  }

  private static long count(String commandLine) {
    String line = commandLine.replace(' ', '\0') + "\0";
    return ProcessHandle.allProcesses()
        .filter(one -> Leftovers.commandLine(one).equals(line))
        .count();
  }

  @ParameterizedTest
  @EnumSource
  void theCommandEndsWhenItsRunnerIsKilled(RuntimeKind kind) throws Exception {
    for (String options : List.of("", "-u ann")) {
      String sleep = "sleep 4712." + kind.ordinal() + process().pid();
      // The command has a grandchild, and process 1 ignores signals.
      start(
          tool(
              kind, options, "sh", "-c", "trap '' TERM HUP INT; " + sleep + " & echo ready; wait"));
      awaitPrinted("ready");
      Waiting.until("it runs", () -> count(sleep) == 1);
      process.destroyForcibly();
      process.waitFor();
      Waiting.until("the command has ended", () -> count(sleep) == 0);
      Leftovers.assertNone(state);
    }
  }

  @ParameterizedTest
  @EnumSource
  void standardInput(RuntimeKind kind) throws Exception {
    for (String options : List.of("-i", "")) {
      start(tool(kind, options, "cat"));
      try (OutputStream input = process.getOutputStream()) {
        input.write("what is read\n".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The process has ended without reading its input.
        assertEquals("", options);
      }
      assertEquals(0, awaitEnd());
      assertEquals(options.isEmpty() ? "" : "what is read\n", printed());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTerminalNeedsOne(RuntimeKind kind) throws Exception {
    start(tool(kind, "-t -i", "true"));
    assertEquals(125, awaitEnd());
    assertTrue(printed().contains("terminal"), printed());
  }

  private void startOnTerminal(String script, List<String> words) throws IOException {
    Path file = directory.resolve("words");
    Files.writeString(file, String.join("\n", words));
    // One word on each line: none of the words has a newline.
    String all =
        "IFS='\n'; set -f; set -- $(cat "
            + file
            + "); unset IFS; stty rows 33 cols 77; before=$(stty -g); "
            + script
            + "; echo status $?; [ \"$before\" = \"$(stty -g)\" ] && echo as before";
    start(List.of("script", "-qefc", all, "/dev/null"));
  }

  @ParameterizedTest
  @EnumSource
  void aTerminal(RuntimeKind kind) throws Exception {
    String command =
        "tty; stty size; echo mine >/dev/tty; trap 'stty size' WINCH; trap 'echo interrupted' INT;"
            + " echo ready; while [ ! -e /tmp/go ]; do sleep 0.05; done; read -r line; echo read $line;"
            + " exit 9";
    Path resize = directory.resolve("resize");
    startOnTerminal(
        "(while [ ! -e "
            + resize
            + " ]; do sleep 0.05; done; stty rows 44 cols 88 </dev/tty) & \"$@\"",
        tool(kind, "-t -i -u ann", "sh", "-c", command));
    awaitPrinted("ready");
    assertTrue(printed().contains("/dev/pts/0\r\n") && printed().contains("mine\r\n"), printed());
    // A runtime sets the size after the command has started.
    awaitPrinted("33 77\r\n");
    OutputStream keys = process.getOutputStream();
    keys.write(3);
    keys.flush();
    awaitPrinted("interrupted");
    Files.createFile(resize);
    if (kind != RuntimeKind.CRUN) {
      // crun 1.8.1 does not change the size of its terminal.
      awaitPrinted("44 88");
    }
    root.write("tmp/go", "");
    keys.write("a line\n".getBytes(StandardCharsets.US_ASCII));
    keys.flush();
    awaitPrinted("read a line");
    awaitPrinted("status 9");
    awaitPrinted("as before");
    awaitEnd();
    ok(root.unlink("tmp/go"));
  }

  /** Job control works in an interactive shell. */
  @ParameterizedTest
  @EnumSource
  void jobControl(RuntimeKind kind) throws Exception {
    startOnTerminal("\"$@\"", tool(kind, "-t -i", "sh", "-i", "-m"));
    OutputStream keys = process.getOutputStream();
    keys.write("sleep 4713\n".getBytes(StandardCharsets.US_ASCII));
    keys.flush();
    Waiting.until("sleep is there", () -> count("sleep 4713") == 1);
    keys.write(3);
    keys.flush();
    keys.write("echo status $((128 + 2)) is $?\nexit 4\n".getBytes(StandardCharsets.US_ASCII));
    keys.flush();
    awaitPrinted("status 130 is 130");
    awaitPrinted("status 4");
    awaitEnd();
    assertTrue(!printed().contains("job control turned off"), printed());
  }
}
