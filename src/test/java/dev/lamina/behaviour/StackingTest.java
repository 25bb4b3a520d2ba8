package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Linux;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Kernel overlayfs over a mount, and below one: the kernel stacks file systems two deep. */
@LaminaOnly("overlayfs is what is stacked here")
class StackingTest extends UnionTest {
  private static final String LIBRARY = "\u007fELF ";
  private static final int SIZE = 1 << 20;

  private static Commands.Result overlay(Sandbox sandbox, Path lower, String name) {
    Path upper = sandbox.directory(name + "-upper");
    Path work = sandbox.directory(name + "-work");
    String options = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work;
    Path point = sandbox.directory(name);
    return Commands.run("mount", "-t", "overlay", "overlay", "-o", options, point.toString());
  }

  /** An overlay whose lower layer is the mount can be read and written. */
  private static Path overlayOn(Union union, Path lower, String name) {
    overlay(union.sandbox(), lower, name).succeed();
    Path point = union.sandbox().root().resolve(name);
    Tree merged = new Tree(point);
    assertEquals("contents", merged.read("directory/file"));
    merged.write("directory/made-in-" + name, "made");
    int fd = Tree.ok(merged.open("library", 2));
    Tree.pwrite(fd, "changed", LIBRARY.length());
    Tree.ok(Linux.close(fd));
    assertEquals(LIBRARY + "changed", merged.read("library").substring(0, 12));
    return point;
  }

  private static void unmount(Path point) {
    Commands.run("umount", point.toString()).succeed();
  }

  private static void fill(Tree lower) {
    lower.directory("directory").write("file", "contents");
    lower.write("library", LIBRARY + "x".repeat(SIZE));
  }

  @Test
  void anOverlayOnAMount() throws Exception {
    try (Union union = Union.writable(mounter, 1)) {
      fill(union.lower());
      union.mount();
      Path overlay = overlayOn(union, union.mountPoint(), "above");
      assertEquals("x", union.merged().read("library").substring(5, 6));
      unmount(overlay);
      if (mounter.capabilities().passthrough()) {
        PassthroughTest.assertReadsWithoutTheDaemon(union, "library", SIZE);
      }
    }
  }

  /** With nothing passed through there is room for one more. */
  @Test
  void twoOverlaysOnAMount() {
    for (String option : new String[] {"overlays_above=2", "passthrough=off"}) {
      try (Union union = Union.writable(mounter, 1)) {
        fill(union.lower());
        union.mount(option);
        Path first = overlayOn(union, union.mountPoint(), "first");
        Path second = overlayOn(union, first, "second");
        unmount(second);
        unmount(first);
      }
    }
  }

  @Test
  void aLayerOnAnOverlay() throws Exception {
    assumeTrue(mounter != Mounter.LAMINA_LIBFUSE, "libfuse has no passthrough");
    try (Union union = Union.writable(mounter, 1)) {
      Tree below = new Tree(union.sandbox().directory("below"));
      fill(below);
      overlay(union.sandbox(), Path.of(below.string("")), "layer").succeed();
      Path layer = union.sandbox().root().resolve("layer");
      Commands.run("mount", "--bind", layer.toString(), union.lower().string("")).succeed();
      union.mount();
      PassthroughTest.assertReadsWithoutTheDaemon(union, "library", SIZE);
      // What is below it is as deep as the kernel goes.
      assertNotEquals(0, overlay(union.sandbox(), union.mountPoint(), "refused").status());
      union.unmount();
      union.mount("overlays_above=1");
      unmount(overlayOn(union, union.mountPoint(), "allowed"));
    }
  }
}
