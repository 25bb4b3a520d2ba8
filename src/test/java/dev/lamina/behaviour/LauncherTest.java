package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Mounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the launcher is called with differs: descriptors, environment, what is mounted. It mounts,
 * or it says in one line why not.
 */
@Tag("one-jdk")
@LaminaOnly("tests the command line of Lamina")
class LauncherTest extends UnionTest {
  /** Makes a /dev of these devices; in a mount namespace of its own. */
  private static final String DEVICES =
      "devices() { mkdir dev; mount -t tmpfs tmpfs dev; for i; do cp -a /dev/$i dev; done;"
          + " mount --move dev /dev; }; ";

  /** Runs a shell script in the sandbox, whose $MOUNT mounts. */
  private Commands.Result run(Union union, String script) {
    union.lower().write("file", "lower");
    ProcessBuilder builder =
        new ProcessBuilder("unshare", "--mount", "bash", "-c", DEVICES + script);
    builder.directory(union.sandbox().root().toFile());
    String command = String.join(" ", Lamina.mountCommand(mounter));
    builder
        .environment()
        .put("MOUNT", command + " -o " + union.layers().options() + " " + union.mountPoint());
    builder.environment().put("LAMINA", Lamina.program());
    return Commands.run(Lamina.TIMEOUT, builder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$MOUNT",
        "env -i $MOUNT",
        "$MOUNT <&-",
        "$MOUNT >&-",
        "$MOUNT 2>&-",
        "$MOUNT <&- >&- 2>&-",
        "PATH= $MOUNT",
        "PATH=/none $MOUNT",
        "unset HOME; $MOUNT",
        "HOME=/none $MOUNT",
        "JAVA_HOME=/none $MOUNT",
        "LAMINA_JAVA_OPTIONS=' -Xmx64m -Dlamina=* ' $MOUNT",
        // Without /dev/fd, and all else that is not needed.
        "devices null fuse random urandom; $MOUNT",
        "mkdir t; mount -t tmpfs -o noexec tmpfs t; TMPDIR=$PWD/t $MOUNT",
        // Only the layers may be written to.
        "mount --bind . .; cd $PWD; mount -o remount,bind,ro /; $MOUNT",
      })
  void mounts(String script) {
    try (Union union = Union.writable(mounter, 1)) {
      // In the namespace, where the mount is. What cat(1) says is the test's, so on its own output.
      Commands.Result result =
          run(
              union,
              "("
                  + script
                  + "); status=$?; PATH=/usr/bin:/bin; cd $PWD; cat merged/file && echo >>merged/file;"
                  + " umount merged; exit $status");
      assertEquals("", result.succeed().err());
      assertEquals("lower", result.out());
      assertEquals("lower\n", union.upper().read("file"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "umount --lazy /proc; $MOUNT | /proc is not mounted",
        "umount --lazy /proc; $LAMINA images | /proc is not mounted",
        "devices; $MOUNT | /dev/null is missing",
        "devices null urandom random; $MOUNT | /dev/fuse is missing",
        "mount -t tmpfs t /usr/lib/jvm; unset JAVA_HOME; $MOUNT | no Java",
        "mkdir -p j/bin; cp -L $(type -P true) j/bin/java; echo 'JAVA_VERSION=\"11.0.2\"' >j/release;"
            + " JAVA_HOME=$PWD/j $MOUNT | Java 11.0.2, too old",
        "LAMINA_HOME=/none $MOUNT | not built",
      })
  void saysWhyNotInOneLine(String script, String named) {
    try (Union union = Union.writable(mounter, 1)) {
      Commands.Result result = run(union, script);
      assertEquals(1, result.status(), result.err());
      assertEquals("", result.out());
      assertTrue(result.err().matches("lamina: [^\n]+\n"), "'" + result.err() + "'");
      assertTrue(result.err().contains(named), result.err());
    }
  }

  /** Picocli and the annotations that it reads would take a fifth of the time of a mount. */
  @Test
  void aPlainMountLoadsNothingThatItDoesNotNeed() throws IOException {
    // jnr-fuse has needs of its own.
    assumeTrue(mounter != Mounter.LAMINA_LIBFUSE);
    try (Union union = Union.writable(mounter, 1)) {
      String log = "LAMINA_JAVA_OPTIONS=-Xlog:class+load:file=classes $MOUNT && umount merged";
      run(union, log).succeed();
      List<String> classes = Files.readAllLines(union.sandbox().root().resolve("classes"));
      assertTrue(classes.stream().anyMatch(line -> line.contains("dev.lamina.mount.Daemon ")));
      assertEquals(
          List.of(),
          classes.stream()
              .filter(line -> line.matches(".*( picocli\\.|AnnotationType |[$]Proxy).*"))
              .toList());
    }
  }

  /** Bash has a line of its own to say of that, before the launcher's. */
  @Test
  void removedCurrentDirectoryIsNamed() {
    try (Union union = Union.writable(mounter, 1)) {
      Path gone = union.sandbox().directory("gone");
      Commands.Result result = run(union, "cd " + gone + "; rmdir " + gone + "; $MOUNT");
      assertEquals(1, result.status(), result.err());
      String last = result.err().strip().lines().reduce((first, second) -> second).orElseThrow();
      assertTrue(last.contains("the current directory has been removed"), result.err());
    }
  }
}
