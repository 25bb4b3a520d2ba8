package dev.lamina.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.testing.Commands;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Tests whether a killed run is known to have a process still. */
class AbandonedRunTest {
  /** A mount whose file system is not the root of any process. */
  private static final Path MOUNT = Path.of("/proc");

  /** Prints the answer as a process sees it that may not look at more privileged processes. */
  public static void main(String... begun) throws RunException {
    Instant instant = Instant.parse(begun[0]);
    System.out.println(new AbandonedRun("id", MOUNT, null, instant).isInhabited());
  }

  private static String isInhabited(Instant begun) {
    return Commands.run(
            "setpriv",
            "--inh-caps=-sys_ptrace",
            "--bounding-set=-sys_ptrace",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            AbandonedRunTest.class.getName(),
            begun.toString())
        .succeed()
        .out();
  }

  /** This process is a more privileged one, and it began before the run. */
  @Test
  void whoCannotBeLookedAtIsItsIfItBeganAfterTheRun() {
    assertEquals("false\n", isInhabited(Instant.now().plusSeconds(60)));
    assertEquals("true\n", isInhabited(Instant.EPOCH));
  }
}
