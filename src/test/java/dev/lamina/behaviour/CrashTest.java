package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The daemon is killed while others write: what they were told is done is there after a remount,
 * what was under way has happened or not, what was deleted stays so.
 */
@Tag("slow")
@LaminaOnly("kernel overlayfs has no daemon")
class CrashTest extends UnionTest {
  private static final int ROUNDS = 2;
  private static final int WRITERS = 3;

  /** Changes of all writers after which the daemon is killed. */
  private static final int LEAST_STEPS = 40;

  private static final int MOST_STEPS = 250;

  private static void fill(Union union) {
    for (int writer = 0; writer < WRITERS; writer++) {
      for (int i = 0; i < 24; i++) {
        String name = "w" + writer + "/d" + i % 4 + "/f" + i;
        union.lower(i % 2).write(name, "lower " + name);
      }
      union.lower(1).write("w" + writer + "/d0/deep/er/file", "deep");
      // Long enough to be killed in.
      for (int i = 0; i < 3; i++) {
        union.lower(0).write("w" + writer + "/large" + i, ("large" + i).repeat(500_000));
      }
    }
  }

  @Test
  void killedDaemonLosesNothingThatWasDone() {
    for (long seed = 1; seed <= ROUNDS; seed++) {
      try (Union union = Union.writable(mounter, 2)) {
        fill(union);
        Map<String, String> top = Snapshot.exact(union.lower(0));
        Map<String, String> bottom = Snapshot.exact(union.lower(1));
        // The second time on what the first one left.
        for (int kill = 0; kill < 2; kill++) {
          writeAndKill(union, "-" + kill + "-", new Random(seed * 2 + kill));
        }
        Snapshot.assertSame("the top layer", top, Snapshot.exact(union.lower(0)));
        Snapshot.assertSame("the bottom layer", bottom, Snapshot.exact(union.lower(1)));
      }
    }
  }

  private void writeAndKill(Union union, String label, Random random) {
    union.mount();
    List<RandomWriter> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new RandomWriter(union.merged().at("w" + i), label, random.nextLong()));
    }
    Daemon daemon = Daemon.of(union.mountPoint());
    writers.forEach(Thread::start);
    int steps = random.nextInt(LEAST_STEPS, MOST_STEPS);
    Waiting.until(
        steps + " changes are made",
        () -> writers.stream().mapToInt(RandomWriter::steps).sum() >= steps);
    daemon.signal("KILL");
    daemon.awaitEnd();
    for (RandomWriter writer : writers) {
      Waiting.untilEnd("a writer", writer);
      writer.assertStopped();
    }
    Lamina.run("umount", "-l", union.mountPoint().toString()).succeed();
    union.mount();
    assertEquals(List.of("work"), union.work().list(""));
    assertEquals(List.of(), union.work().list("work"));
    writers.forEach(RandomWriter::assertKept);
    Map<String, String> seen = Snapshot.of(union.merged());
    union.unmount();
    union.mountAs(Mounter.KERNEL_OVERLAY);
    Map<String, String> seenByTheKernel = Snapshot.of(new Tree(union.mountPoint()));
    union.unmountAs(Mounter.KERNEL_OVERLAY);
    Snapshot.assertSame("what kernel overlayfs shows", seen, seenByTheKernel);
  }
}
