package dev.lamina.image.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.archive.Tools;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Concurrent writers of a layout, and writers that are killed. */
@Tag("slow")
@Tag("one-jdk")
class LayoutConcurrencyTest {
  private static final int EACH = 30;
  private static final int KILLS = 6;

  @TempDir Path directory;

  private Process start(String prefix, int count, String... before) throws IOException {
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            LayoutWriterMain.class.getName(),
            directory.resolve("layout").toString(),
            prefix,
            Integer.toString(count)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private Set<String> names() throws IOException {
    Set<String> names = new HashSet<>();
    for (LayoutImage image : OciLayout.open(directory.resolve("layout")).images()) {
      assertTrue(names.add(image.name()), image.name());
    }
    return names;
  }

  @Test
  void noneOfSeveralProcessesAndThreadsLosesAName() throws Exception {
    Set<String> expected = new HashSet<>();
    List<Process> processes = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int i = 0; i < 2; i++) {
        processes.add(start("p" + i + "-", EACH));
        expected.addAll(numbered("p" + i + "-"));
      }
      List<Callable<Void>> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String prefix = "t" + i + "-";
        expected.addAll(numbered(prefix));
        writers.add(() -> write(prefix));
      }
      List<Future<Void>> done = new ArrayList<>();
      writers.forEach(writer -> done.add(threads.submit(writer)));
      // A concurrent reader sees a complete index, and no name disappears again.
      OciLayout.create(directory.resolve("layout"));
      Set<String> seen = Set.of();
      while (!done.stream().allMatch(Future::isDone)) {
        // It may remove a file that is not locked yet; the writer then creates another one.
        OciLayout.open(directory.resolve("layout")).removeAbandoned();
        Set<String> now = names();
        assertTrue(now.containsAll(seen), () -> "names have gone");
        seen = now;
      }
      for (Future<Void> writer : done) {
        writer.get();
      }
      for (Process process : processes) {
        assertEquals(0, Waiting.untilEnd("a writer", process));
      }
    } finally {
      threads.shutdownNow();
      processes.forEach(Commands::kill);
    }
    assertEquals(expected, names());
    OciLayout layout = OciLayout.open(directory.resolve("layout"));
    for (LayoutImage image : layout.images()) {
      layout.document(image.descriptor());
    }
    assertEquals(0, layout.removeAbandoned());
  }

  private Void write(String prefix) throws IOException {
    OciLayout layout = OciLayout.create(directory.resolve("layout"));
    for (String name : numbered(prefix)) {
      LayoutWriterMain.tag(layout, name);
    }
    return null;
  }

  private static List<String> numbered(String prefix) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      names.add(prefix + i);
    }
    return names;
  }

  @Test
  void afterAKillEveryNameThatWasGivenIsThere() throws Exception {
    Set<String> given = new HashSet<>();
    for (int i = 0; i < KILLS; i++) {
      Process process = start("k" + i + "-", Integer.MAX_VALUE);
      try (BufferedReader out = process.inputReader()) {
        given.add(out.readLine());
        Thread.sleep(20 + 7 * i);
        // Process.destroyForcibly would close the output as well.
        process.toHandle().destroyForcibly();
        out.lines().forEach(given::add);
      } finally {
        Commands.kill(process);
      }
      Waiting.untilEnd("a killed writer", process);
      Set<String> there = names();
      assertTrue(there.containsAll(given), () -> given + " and " + there);
    }
    OciLayout layout = OciLayout.open(directory.resolve("layout"));
    layout.removeAbandoned();
    Tools.umoci("ls", "--layout", directory.resolve("layout").toString());
    for (LayoutImage image : layout.images()) {
      layout.document(image.descriptor());
    }
  }

  /** Strace kills the writer at a system call, before the call takes effect. */
  @ParameterizedTest
  @CsvSource({
    // The blob is synced, renamed, and its name is synced; then the same happens to the index.
    "fsync, 1, 0",
    "renameat2, 1, 0",
    "fsync, 2, 0",
    "fsync, 4, 0",
    "renameat2, 2, 0",
    "fsync, 5, 1",
    "renameat2, 4, 1",
    "renameat2, 5, 2",
  })
  void killedAtACallItLeavesTheOldOrTheNew(String call, int when, int names) throws Exception {
    OciLayout layout = OciLayout.create(directory.resolve("layout"));
    Process process =
        start(
            "k",
            3,
            "strace",
            "-f",
            "-q",
            "-o",
            directory.resolve("trace").toString(),
            "-e",
            "trace=" + call,
            "-e",
            "inject=" + call + ":signal=KILL:when=" + when);
    try {
      Waiting.untilEnd("a killed writer", process);
    } finally {
      Commands.kill(process);
    }
    assertEquals(names, names().size(), () -> Tools.run("cat", directory + "/trace"));
    layout.removeAbandoned();
    for (LayoutImage image : layout.images()) {
      layout.document(image.descriptor());
    }
    LayoutWriterMain.tag(layout, "after1");
    assertEquals(names + 1, names().size());
  }

  @Test
  void whatAKilledWriterLeftOfAnIndexIsInNobodysWay() throws IOException {
    OciLayout layout = OciLayout.create(directory.resolve("layout"));
    LayoutWriterMain.tag(layout, "a1");
    Files.writeString(directory.resolve("layout/.lamina-index"), "{\"manifests\":[");
    assertEquals(Set.of("a1"), names());
    LayoutWriterMain.tag(layout, "b2");
    assertEquals(Set.of("a1", "b2"), names());
    assertTrue(Files.notExists(directory.resolve("layout/.lamina-index")));
  }
}
