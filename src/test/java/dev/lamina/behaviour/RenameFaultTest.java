package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Errno;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Strace;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A rename takes several system calls where a name must stay hidden. Whichever of them fails, the
 * mount shows what the layers hold: what it showed before, and after a remount the same.
 */
@LaminaOnly("makes system calls of the daemon fail")
@Tag("one-jdk")
class RenameFaultTest extends UnionTest {
  /** The n-th such call of a thread fails. */
  private record Fault(String call, int when) {
    String option() {
      return "inject=" + call + ":error=EIO:when=" + when;
    }
  }

  private static void fill(Tree lower) {
    lower.write("gone", "gone");
    lower.write("emptied/gone", "gone");
    lower.write("file", "lower");
    lower.write("other", "other");
  }

  /** Everything is on the upper, so that the rename is all that is done. */
  private static void prepare(Tree merged) {
    ok(merged.unlink("gone"));
    ok(merged.unlink("emptied/gone"));
    ok(merged.mkdir("made", 0755));
    merged.write("made/inside", "inside");
    merged.append("file", "!");
    merged.append("other", "!");
  }

  private int failing(Sandbox sandbox, Path mountPoint, Fault fault, ToIntFunction<Tree> call) {
    int[] result = new int[1];
    Strace.during(
        () -> result[0] = call.applyAsInt(new Tree(mountPoint)),
        Daemon.of(mountPoint),
        sandbox.root().resolve("trace"),
        "-e",
        "trace=" + fault.call,
        "-e",
        fault.option());
    return result[0];
  }

  /** Without the times of directories: what is taken back has changed them twice. */
  private static Map<String, String> seen(Tree merged) {
    Map<String, String> seen = Snapshot.withInodes(merged);
    seen.replaceAll(
        (path, facts) -> facts.startsWith("4") ? facts.replaceAll("mtime \\S+ ", "") : facts);
    return seen;
  }

  /** Fails, changes nothing, and succeeds the next time. */
  private void isTakenBack(Sandbox sandbox, Layers layers, Fault fault, ToIntFunction<Tree> call) {
    Path mountPoint = sandbox.directory("merged");
    mounter.mount(layers, mountPoint);
    Tree merged = new Tree(mountPoint);
    prepare(merged);
    Map<String, String> before = seen(merged);
    refused(Errno.EIO, failing(sandbox, mountPoint, fault, call));
    Snapshot.assertSame("after " + fault, before, seen(merged));
    merged.write("emptied/new", "new");
    ok(merged.unlink("emptied/new"));
    mounter.unmount(mountPoint);
    mounter.mount(layers, mountPoint);
    merged.write("emptied/new", "new");
    ok(merged.unlink("emptied/new"));
    assertEquals(before.keySet(), Snapshot.of(merged).keySet(), "after a remount");
    ok(call.applyAsInt(merged));
    mounter.unmount(mountPoint);
  }

  private static Layers layers(Sandbox sandbox, String name, Path place) {
    Path lower = sandbox.directory("lower-" + name);
    fill(new Tree(lower));
    ok(new Tree(place).mkdir(name, 0755));
    ok(new Tree(place).mkdir(name + "-work", 0755));
    return new Layers(List.of(lower), place.resolve(name), place.resolve(name + "-work"));
  }

  @Test
  void aDirectoryOverAWhiteout() {
    try (Sandbox sandbox = new Sandbox()) {
      for (Fault fault : List.of(new Fault("renameat2", 1), new Fault("unlinkat", 1))) {
        Layers layers = layers(sandbox, fault.call, sandbox.root());
        isTakenBack(sandbox, layers, fault, tree -> tree.rename("made", "gone"));
      }
    }
  }

  @Test
  void aDirectoryOverAnEmptiedOne() {
    try (Sandbox sandbox = new Sandbox()) {
      for (int when = 1; when <= 2; when++) {
        Layers layers = layers(sandbox, "upper" + when, sandbox.root());
        Fault fault = new Fault("renameat2", when);
        isTakenBack(sandbox, layers, fault, tree -> tree.rename("made", "emptied"));
      }
    }
  }

  /** On another mount of Lamina, where a whiteout does not come with the rename. */
  @Test
  void aFileThatLeavesAWhiteoutInASecondStep() {
    try (Sandbox sandbox = new Sandbox()) {
      Path outer = sandbox.directory("outer");
      Layers empty =
          new Layers(
              List.of(sandbox.directory("empty")),
              sandbox.directory("outer-upper"),
              sandbox.directory("outer-work"));
      Mounter.LAMINA_KERNEL.mount(empty, outer);
      Fault second = new Fault("renameat2", 2);
      Layers layers = layers(sandbox, "inner", outer);
      isTakenBack(sandbox, layers, second, tree -> tree.rename("file", "new"));

      layers = layers(sandbox, "replacing", outer);
      isTakenBack(sandbox, layers, second, tree -> tree.rename("file", "other"));
      Mounter.LAMINA_KERNEL.unmount(outer);
    }
  }
}
