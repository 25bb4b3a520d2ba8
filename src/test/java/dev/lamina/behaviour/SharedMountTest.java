package dev.lamina.behaviour;

import dev.lamina.testing.Tree;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/**
 * Tests that share one mount, since a mount takes a while: each works in directories of its own.
 */
abstract class SharedMountTest extends UnionTest {
  Union union;

  /** What everyone sees. */
  Tree merged;

  /** The writable layer, to see what was left in it. */
  Tree upper;

  /** Number of lower layers. */
  int lowerLayers() {
    return 1;
  }

  /** Fills the layers before they are mounted. */
  abstract void fill(Union layers);

  @BeforeParameterizedClassInvocation
  void mount() {
    union = Union.writable(mounter, lowerLayers());
    fill(union);
    union.mount();
    merged = union.merged();
    upper = union.upper();
  }

  @AfterParameterizedClassInvocation
  void unmount() {
    // Null when there were not even layers; that failure is reported already.
    if (union != null) {
      union.close();
    }
  }
}
