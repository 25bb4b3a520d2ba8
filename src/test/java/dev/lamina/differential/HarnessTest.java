package dev.lamina.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Mounter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The differential test tests nothing unless it is quiet over equals and finds what differs. */
@Tag("slow")
class HarnessTest {
  private static DifferentialRun.Summary run(Setup setup, int scenarios, int maxFailures) {
    return new DifferentialRun(
            setup,
            new DifferentialRun.Plan(
                1, scenarios, 100 * scenarios, maxFailures, Duration.ofSeconds(20)))
        .run();
  }

  @Test
  void overlayfsDoesNotDifferFromItself() {
    DifferentialRun.Summary summary = run(Setup.of(Mounter.KERNEL_OVERLAY), 40, 1);
    assertEquals(List.of(), summary.failures(), () -> String.join("\n", summary.failures()));
    assertEquals(4000, summary.operations());
    assertTrue(summary.succeeded() > summary.operations() / 2, summary::print);
    assertEquals(0, summary.allowed().size(), summary::print);
  }

  @Test
  void anotherFeatureOfOverlayfsIsFoundAndShrunk() {
    Setup setup = Setup.of(Mounter.KERNEL_OVERLAY, "redirect_dir=on");
    DifferentialRun.Summary summary = run(setup, 40, 1);
    assertTrue(!summary.failures().isEmpty(), summary::print);
    for (String failure : summary.failures()) {
      assertTrue(failure.contains("rename"), failure);
      assertTrue(failure.contains("expected: EXDEV"), failure);
      assertTrue(failure.lines().count() < 20, failure);
    }
  }

  @Test
  void differentLinkCountsAreFound() {
    Setup setup = Setup.of(Mounter.KERNEL_OVERLAY, "index=on");
    DifferentialRun.Summary summary = run(setup, 100, 1);
    assertTrue(!summary.failures().isEmpty(), summary::print);
  }

  @Test
  void aMountThatFailsIsReported() {
    Setup setup = Setup.of(Mounter.KERNEL_OVERLAY, "no_such_option");
    DifferentialRun.Summary summary = run(setup, 1, 1);
    assertEquals(1, summary.failures().size(), summary::print);
    assertTrue(summary.failures().get(0).contains("mounting"), summary.failures().get(0));
  }
}
