package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Few layers and as many as images have (container engines stop at 128). */
class LayerCountTest extends UnionTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 128})
  void everyLayerContributes(int count) {
    try (Union union = Union.writable(mounter, count)) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        union.lower(i).write("d/of-" + i, "of " + i);
        union.lower(i).write("d/same", "of " + i);
        names.add("of-" + i);
        if (i + 1 < count) {
          union.lower(i).whiteout("d/hidden-in-" + (i + 1));
          union.lower(i + 1).write("d/hidden-in-" + (i + 1), "hidden");
        }
      }
      names.add("same");
      Collections.sort(names);
      union.mount();
      assertEquals(names, union.merged().list("d"));
      assertEquals("of 0", union.merged().read("d/same"));
      for (int i = 0; i < count; i++) {
        assertEquals("of " + i, union.merged().read("d/of-" + i));
      }
      union.merged().append("d/of-" + (count - 1), " and more");
      assertEquals("of " + (count - 1) + " and more", union.merged().read("d/of-" + (count - 1)));
    }
  }
}
