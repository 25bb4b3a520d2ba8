package dev.lamina.behaviour;

import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/**
 * Tests that share one mount, since a mount takes a while: each works in directories of its own.
 *
 * <p>After the tests of a class, whatever they did, the lower layers must be what they were, bit
 * for bit, and a second mount must show what the first one did, inode numbers and link counts
 * included.
 */
abstract class SharedMountTest extends UnionTest {
  Union union;

  /** What everyone sees. */
  Tree merged;

  /** The writable layer, to see what was left in it. */
  Tree upper;

  private List<Map<String, String>> lowers;

  /** Number of lower layers. */
  int lowerLayers() {
    return 1;
  }

  /** Mount options besides the layers. */
  String[] options() {
    return new String[0];
  }

  /** Fills the layers before they are mounted. */
  abstract void fill(Union layers);

  @BeforeParameterizedClassInvocation
  void mount() {
    union = Union.writable(mounter, lowerLayers());
    fill(union);
    lowers = snapshots();
    union.mount(options());
    merged = union.merged();
    upper = union.upper();
  }

  @AfterParameterizedClassInvocation
  void unmount() {
    // Null where mounting has failed, which is reported already.
    if (merged == null) {
      if (union != null) {
        union.close();
      }
      return;
    }
    try (Union closing = union) {
      Map<String, String> before = Snapshot.withInodes(merged);
      closing.remount();
      Snapshot.assertSame("the tree after a remount", before, Snapshot.withInodes(merged));
      closing.unmount();
      for (int i = 0; i < lowers.size(); i++) {
        Snapshot.assertSame("lower layer " + i, lowers.get(i), Snapshot.exact(closing.lower(i)));
      }
    }
  }

  private List<Map<String, String>> snapshots() {
    return IntStream.range(0, lowerLayers()).mapToObj(i -> Snapshot.exact(union.lower(i))).toList();
  }
}
