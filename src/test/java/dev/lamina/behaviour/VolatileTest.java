package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The mark that a volatile mount leaves in its work directory, and what heeds it. */
@Tag("one-jdk")
class VolatileTest extends UnionTest {
  private static final String MARK = "work/incompat/volatile";

  private Union layers() {
    Union union = Union.writable(mounter, 1);
    union.lower().write("file", "lower");
    return union;
  }

  /** No mounter may touch what is there. */
  private static void everyoneRefuses(Union union) {
    Map<String, String> before = Snapshot.exact(new Tree(union.sandbox().root()));
    for (Mounter other : new Mounter[] {Mounter.KERNEL_OVERLAY, Mounter.LAMINA_LIBFUSE}) {
      for (String more : List.of("", ",volatile")) {
        Commands.Result result = mount(union, other, more);
        assertTrue(result.status() != 0, other + " mounts with " + more);
        if (other.isLamina()) {
          String line = result.err();
          assertEquals(1, result.status(), line);
          assertTrue(line.endsWith("\n") && line.indexOf('\n') == line.length() - 1, line);
          assertTrue(line.contains(union.work() + "/" + MARK), line);
          assertTrue(line.contains("remove the mark"), line);
        }
      }
    }
    Snapshot.assertSame("what is there", before, Snapshot.exact(new Tree(union.sandbox().root())));
    assertFalse(Lamina.isMounted(union.mountPoint()));
  }

  private static Commands.Result mount(Union union, Mounter by, String more) {
    Path point = union.mountPoint();
    String options = union.layers().options() + more;
    return by.isLamina()
        ? Lamina.mount(by, "-o", options, point.toString())
        : Commands.run("mount", "-t", "overlay", "overlay", "-o", options, point.toString());
  }

  @Test
  void whatACrashLeavesIsRefusedUntilTheMarkIsRemoved() {
    try (Union union = layers()) {
      union.mount("volatile");
      union.merged().append("file", " and upper");
      assertEquals(List.of("dirty"), union.work().list(MARK));
      if (mounter.isLamina()) {
        Daemon daemon = Daemon.of(union.mountPoint());
        daemon.signal("KILL");
        daemon.awaitEnd();
        Commands.run("umount", "-l", union.mountPoint().toString()).succeed();
      } else {
        // Kernel overlayfs leaves the mark also where it was unmounted.
        union.unmount();
      }
      assertEquals(List.of("dirty"), union.work().list(MARK));
      everyoneRefuses(union);
      // As podman does before every mount.
      Commands.run("rm", "-r", union.work().string(MARK)).succeed();
      union.mount();
      assertEquals("lower and upper", union.merged().read("file"));
      assertFalse(union.work().exists(MARK));
    }
  }

  @Test
  void anyOtherFeatureIsRefusedToo() {
    try (Union union = layers()) {
      union.work().directory("work/incompat/new");
      for (Mounter other : new Mounter[] {Mounter.KERNEL_OVERLAY, Mounter.LAMINA_LIBFUSE}) {
        assertTrue(mount(union, other, "").status() != 0, other + " mounts");
      }
      assertTrue(union.work().exists("work/incompat/new"));
      ok(union.work().rmdir("work/incompat/new"));
      union.mount();
      assertFalse(union.work().exists("work/incompat"));
    }
  }

  @Test
  void withoutTheOptionThereIsNoMark() {
    try (Union union = layers().mount()) {
      union.merged().append("file", " and upper");
      assertFalse(union.work().exists("work/incompat"));
    }
  }

  /** Kernel overlayfs leaves that to its users. */
  @Test
  void aCleanEndOfLaminaTakesTheMarkAway() {
    assumeTrue(mounter.isLamina());
    try (Union union = layers()) {
      for (int i = 0; i < 2; i++) {
        union.mount("volatile");
        union.merged().append("file", "!");
        Daemon daemon = Daemon.of(union.mountPoint());
        if (i == 0) {
          union.unmount();
        } else {
          daemon.signal("TERM");
        }
        daemon.awaitEnd();
        assertFalse(union.work().exists("work/incompat"));
      }
      union.mountAs(Mounter.KERNEL_OVERLAY);
      assertEquals("lower!!", union.merged().read("file"));
    }
  }

  @Test
  void aMountThatFailsLeavesNoMark() {
    assumeTrue(mounter.isLamina());
    try (Union union = layers()) {
      // All is well until the kernel is asked to mount.
      List<String> command =
          new ArrayList<>(List.of("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"));
      command.addAll(
          Lamina.mountCommand(
              mounter,
              "-o",
              union.layers().options() + ",volatile",
              union.mountPoint().toString()));
      Commands.Result result = Commands.run(Lamina.TIMEOUT, command.toArray(String[]::new));
      assertEquals(1, result.status(), result.err());
      assertFalse(union.work().exists("work/incompat"));
    }
  }
}
