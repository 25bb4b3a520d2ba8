package dev.lamina.run;

import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what a run may have left: files, processes, mounts and control groups. */
final class Leftovers {
  /** Control groups of earlier runs, or of another run at this moment. */
  private static final List<Path> EARLIER = cgroups();

  private Leftovers() {}

  /** Waits a moment until nothing is left, and fails if something still is. */
  static void assertNone(Path state) throws IOException {
    Waiting.until("no process names " + state, () -> processes(state).isEmpty());
    if (Files.exists(state)) {
      Waiting.until(state + " is empty", () -> list(state).isEmpty());
    }
    // Control groups of another test that runs now are soon gone.
    Waiting.until("no control group is left", () -> EARLIER.containsAll(cgroups()));
  }

  /** Returns the processes of this test's runs, found by their command lines. */
  static List<Long> processes(Path state) {
    return ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).contains(state.toString()))
        .map(ProcessHandle::pid)
        .toList();
  }

  static String commandLine(ProcessHandle process) {
    try {
      Path file = Path.of("/proc", "" + process.pid(), "cmdline");
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns Lamina's control groups whose processes have all ended. */
  private static List<Path> cgroups() {
    List<Path> empty = new ArrayList<>();
    try {
      Files.walkFileTree(
          Path.of("/sys/fs/cgroup"),
          Set.of(),
          5,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes is) {
              if (isEmptyGroup(directory)) {
                empty.add(directory);
              }
              return FileVisitResult.CONTINUE;
            }

            /** Control groups of other tests may disappear meanwhile. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return empty;
  }

  private static boolean isEmptyGroup(Path file) {
    if (!file.getFileName().toString().startsWith("lamina-")) {
      return false;
    }
    try {
      return Files.readString(file.resolve("cgroup.procs")).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  static String mountsBelow(Path directory) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts"), StandardCharsets.ISO_8859_1).stream()
        .filter(line -> line.contains(directory.toString()))
        .collect(Collectors.joining("\n"));
  }
}
