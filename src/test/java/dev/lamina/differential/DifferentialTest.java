package dev.lamina.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Mounter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lamina and kernel overlayfs do the same. For longer runs: {@code scripts/differential}. */
@Tag("slow")
class DifferentialTest {
  private static final boolean ALL = Boolean.getBoolean("lamina.test.all");

  /** Sequences of operations for each transport: as many as a run has time for. */
  private static final int SCENARIOS = ALL ? 100 : 50;

  private static final int OPERATIONS = ALL ? 10_000 : 4_000;

  /** Every way in which tests can mount Lamina. */
  @ParameterizedTest
  @MethodSource("dev.lamina.testing.Mounter#transports")
  @Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void laminaDoesWhatOverlayfsDoes(Mounter lamina) {
    DifferentialRun.Summary summary =
        new DifferentialRun(
                Setup.of(lamina),
                new DifferentialRun.Plan(
                    1 + lamina.ordinal(), SCENARIOS, OPERATIONS, 3, Duration.ofSeconds(60)))
            .run();
    System.out.println(lamina + " " + summary.print());
    assertEquals(List.of(), summary.failures(), () -> String.join("\n", summary.failures()));
    assertTrue(summary.operations() >= OPERATIONS - SCENARIOS, summary::print);
  }
}
