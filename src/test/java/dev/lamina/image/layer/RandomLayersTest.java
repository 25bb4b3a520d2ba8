package dev.lamina.image.layer;

import static dev.lamina.testing.Mounter.KERNEL_OVERLAY;

import dev.lamina.testing.TreeState;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Layers that are made from uppers show the same tree as the mounts of kernel overlayfs, with
 * redirects and metacopies, through which several layers on top of each other were changed at
 * random. {@code -Dlamina.layers.seconds} makes the test run for longer, {@code
 * -Dlamina.layers.seed} starts it from another seed.
 */
@Tag("slow")
@Tag("one-jdk")
class RandomLayersTest {
  private static final int ROUNDS = 3;

  @Test
  @Timeout(4 * 3600)
  void layersShowWhatTheMountHasShown() {
    long seconds = Long.getLong("lamina.layers.seconds", 10);
    long seed = Long.getLong("lamina.layers.seed", 1);
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    int done = 0;
    while (System.nanoTime() < end) {
      run(seed + done);
      done++;
    }
    System.out.println(done + " scenarios of " + ROUNDS + " layers");
  }

  private static void run(long seed) {
    Random random = new Random(seed);
    try (UpperUnderTest union = new UpperUnderTest()) {
      new RandomChanges(union.base(), random).make(60);
      for (int round = 0; round < ROUNDS; round++) {
        union.mount(KERNEL_OVERLAY, UpperUnderTest.ALL_MARKS);
        ExpectedChanges changes = new ExpectedChanges(union.merged());
        new RandomChanges(union.merged(), random).make(5 + random.nextInt(40));
        changes.haveBeenMade(union.merged());
        TreeState expected = TreeState.of(union.merged());
        union.unmount(KERNEL_OVERLAY);
        changes.assertSame(Stacks.changes(union.stack()));
        union.commitAllowingPartedLinks(expected);
      }
    } catch (AssertionError e) {
      throw new AssertionError("with -Dlamina.layers.seed=" + seed + ": " + e.getMessage(), e);
    }
  }
}
