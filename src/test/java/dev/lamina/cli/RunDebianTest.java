package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that shells, compilers, interpreters and package managers work in a container of Debian,
 * although it lacks capabilities and system calls.
 */
@Tag("slow")
@Tag("one-jdk")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class RunDebianTest {
  private static final String CACHE =
      System.getProperty("lamina.chroot.cache", "target/debian-root");

  @TempDir static Path directory;

  @BeforeAll
  static void image() {
    Duration download = Duration.ofMinutes(10);
    String tar = Commands.run(download, "scripts/debian-root", CACHE).succeed().out().strip();
    lamina("import", tar, "debian").succeed();
  }

  private static Commands.Result lamina(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("scripts/lamina", "--root", directory.resolve("store").toString()));
    command.addAll(List.of(arguments));
    return Commands.run(Duration.ofMinutes(10), new ProcessBuilder(command));
  }

  /** Returns one runtime that filters; all with the property lamina.test.all. */
  static Stream<String> runtimes() {
    return Boolean.getBoolean("lamina.test.all")
        ? Stream.of("runc", "crun", "none")
        : Stream.of("runc");
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void work(String runtime) {
    String script = Path.of("src/test/resources/dev/lamina/run/work.sh").toAbsolutePath() + "";
    Commands.Result result =
        lamina(
            "run",
            "--rm",
            "--runtime",
            runtime,
            "-v",
            script + ":/work.sh:ro",
            "debian",
            "bash",
            "/work.sh");
    // Without a runtime there is no filter against new user namespaces.
    assertEquals(runtime.equals("none") ? 9 : 0, result.status(), result.toString());
    if (!runtime.equals("none")) {
      assertTrue(result.out().endsWith("all of it works\n"), result.out());
    }
  }
}
