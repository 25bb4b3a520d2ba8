package dev.lamina.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests in which cases the container of a killed run is removed by force. */
class AbandonedContainerTest {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  /** A fake runtime. Its record is a directory, and it may not know a container that is alive. */
  private static final String RUNTIME =
      """
      #!/bin/sh
      [ "$3" = state ] && { %s; }
      [ "$3 $4" = "delete --force" ] && exec rmdir "$2/$5"
      exit 1
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "exit 1, true",
    "exit 0, false",
    // The runtime does not answer, is killed, or cannot be started.
    "exec sleep 60, false",
    "kill -KILL $$, false",
    "exit 125, false"
  })
  void onlyWhatTheRuntimeDoesNotKnowIsForced(String state, boolean removed) throws IOException {
    Path runtime = directory.resolve("runtime");
    Files.writeString(runtime, RUNTIME.formatted(state));
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    try (RunDirectory runDirectory = RunDirectory.make(directory, "1")) {
      runDirectory.write("runtime", runtime.toString().getBytes(StandardCharsets.ISO_8859_1));
      Path record = runDirectory.path("state").resolve("lamina-1");
      Files.createDirectories(record);
      Duration patience = state.contains("sleep") ? Duration.ofSeconds(1) : Waiting.HANG;
      assertEquals(removed, OciRunner.removeAbandoned(runDirectory, patience));
      assertEquals(!removed, Files.exists(record));
    }
  }

  /** A runtime that no longer knows a container may have left its control groups. */
  @Test
  void controlGroupsAreRemovedOnceNothingIsInThem() throws Exception {
    String id = "test" + ProcessHandle.current().pid();
    Path first = GROUPS.resolve("pids");
    Path group = (Files.isDirectory(first) ? first : GROUPS).resolve("lamina-" + id);
    Files.createDirectory(group);
    Process process = new ProcessBuilder("cat").start();
    try (RunDirectory runDirectory = RunDirectory.make(directory, id)) {
      Files.writeString(group.resolve("cgroup.procs"), "" + process.pid());
      assertFalse(OciRunner.removeAbandoned(runDirectory));
      process.destroyForcibly().waitFor();
      Waiting.until("it is removed", () -> isRemoved(runDirectory));
      assertFalse(Files.exists(group));
    } finally {
      process.destroyForcibly().waitFor();
      Files.deleteIfExists(group);
    }
  }

  private static boolean isRemoved(RunDirectory runDirectory) {
    try {
      return OciRunner.removeAbandoned(runDirectory);
    } catch (RunException e) {
      throw new UncheckedIOException(e);
    }
  }
}
