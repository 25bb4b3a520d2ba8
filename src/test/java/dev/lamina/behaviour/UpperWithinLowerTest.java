package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Layers that lie within each other, as with {@code lowerdir=/}. */
class UpperWithinLowerTest extends UnionTest {
  @Test
  void whatIsBelowTheUpperIsNotShownTwice() {
    try (Sandbox sandbox = new Sandbox()) {
      Path root = sandbox.directory("root");
      Tree lower = new Tree(root);
      lower.write("a/file", "lower");
      Layers layers =
          new Layers(
              List.of(root),
              sandbox.directory("root/place/upper"),
              sandbox.directory("root/place/work"));
      Path mountPoint = sandbox.directory("root/merged");
      mounter.mount(layers, mountPoint);
      Tree merged = new Tree(mountPoint);
      assertEquals(List.of("a", "merged", "place"), merged.list(""));
      assertEquals(List.of(), merged.list("merged"), "without what is mounted there");
      for (String hidden : List.of("place/upper", "place/work")) {
        refused(Errno.ELOOP, merged.lstat(hidden));
        refused(Errno.ELOOP, merged.mkdir(hidden, 0755));
        refused(Errno.ELOOP, merged.rmdir(hidden));
        refused(Errno.ELOOP, merged.rename(hidden, "moved"));
        refused(Errno.ELOOP, merged.lstat(hidden + "/below"));
      }
      refused(Errno.ENOTEMPTY, merged.rmdir("place"));
      merged.append("a/file", " and upper");
      merged.write("place/new", "new");
      assertEquals("lower and upper", merged.read("a/file"));
      assertEquals(List.of("new", "upper", "work"), merged.list("place"));
      refused(Errno.ELOOP, merged.lstat("place/upper"));
      assertEquals("lower", lower.read("a/file"));
      assertEquals("lower and upper", lower.read("place/upper/a/file"));
      assertEquals("new", lower.read("place/upper/place/new"));
      mounter.unmount(mountPoint);
    }
  }

  /** Seen from where the upper is named, no lower layer is above it. */
  @Test
  void anUpperThatIsReachedByAnotherMountIsNotShownTwice() {
    try (Sandbox sandbox = new Sandbox()) {
      Path root = sandbox.directory("root");
      sandbox.directory("root/place/upper");
      sandbox.directory("root/place/work");
      Path other = sandbox.directory("other");
      Commands.run("mount", "-t", "tmpfs", "tmpfs", "" + other).succeed();
      Path bound = sandbox.directory("other/bound");
      Commands.run("mount", "--bind", root + "/place", "" + bound).succeed();
      Layers layers = new Layers(List.of(root), bound.resolve("upper"), bound.resolve("work"));
      Path mountPoint = sandbox.directory("merged");
      mounter.mount(layers, mountPoint);
      Tree merged = new Tree(mountPoint);
      refused(Errno.ELOOP, merged.lstat("place/upper"));
      refused(Errno.ELOOP, merged.lstat("place/work"));
      mounter.unmount(mountPoint);
      Commands.run("umount", "" + bound).succeed();
      Commands.run("umount", "" + other).succeed();
    }
  }

  @Test
  void aLowerLayerWithinTheUpperOrTheWorkDirectoryIsRefused() {
    try (Sandbox sandbox = new Sandbox()) {
      Path upper = sandbox.directory("upper");
      Path work = sandbox.directory("work");
      ok(new Tree(upper).mkdir("within", 0755));
      ok(new Tree(work).mkdir("within", 0755));
      Path mountPoint = sandbox.directory("merged");
      for (Path lower : List.of(upper, upper.resolve("within"), work.resolve("within"))) {
        String options = new Layers(List.of(lower), upper, work).options();
        Commands.Result result =
            mounter == Mounter.KERNEL_OVERLAY
                ? Commands.run("mount", "-t", "overlay", "o", "-o", options, "" + mountPoint)
                : Lamina.mount(mounter, "-o", options, "" + mountPoint);
        assertTrue(result.status() != 0, lower + " is taken");
        if (mounter.isLamina()) {
          assertTrue(result.err().contains(lower + " lies in the "), result.err());
        }
      }
    }
  }
}
