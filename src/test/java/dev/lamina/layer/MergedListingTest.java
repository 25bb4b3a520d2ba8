package dev.lamina.layer;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MergedListingTest {
  private final Sandbox sandbox = new Sandbox();
  private final Path top = sandbox.directory("top");
  private final Path bottom = sandbox.directory("bottom");

  @AfterEach
  void close() {
    sandbox.close();
  }

  private LayerStack stack() {
    DescriptorCache cache = new DescriptorCache(4);
    List<Layer> layers = new ArrayList<>();
    for (Path path : List.of(top, bottom)) {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      int fd = ok(Linux.openat(Linux.AT_FDCWD, bytes(path.toString()), flags, 0));
      layers.add(new DirectoryLayer(layers.size(), false, path.toString(), fd, cache));
    }
    return new LayerStack(layers);
  }

  private List<String> list(int count) throws ErrnoException {
    try (LayerStack stack = stack()) {
      LayerDirectory[] roots = new Merge(stack).root(0);
      List<String> lines = new ArrayList<>();
      for (MergedListing.Name name : MergedListing.decided(roots, count)) {
        String text = new String(name.bytes(), StandardCharsets.ISO_8859_1);
        lines.add(text + " " + name.source() + (name.isShown() ? "" : " hidden"));
      }
      Merge.drop(roots);
      return lines;
    }
  }

  @Test
  void eachNameOnceInTheOrderOfBytes() throws ErrnoException {
    Tree upper = new Tree(top);
    Tree lower = new Tree(bottom);
    upper.write("b", "");
    upper.write("\u00e9", "");
    upper.whiteout("gone");
    upper.write(".wh.prefixed", "");
    upper.write(".wh.both", "");
    upper.write("both", "");
    ok(upper.mknod("device", Mode.S_IFCHR | 0600, 0x103));
    lower.write("a", "");
    lower.write("b", "");
    lower.write("gone", "");
    lower.write("Z", "");
    lower.write(".wh..wh.plnk", "");
    List<String> ofTop =
        List.of("b 0", "both 0", "device 0", "gone 0 hidden", "prefixed 0 hidden", "\u00e9 0");
    assertEquals(ofTop, list(1));
    List<String> all = new ArrayList<>(ofTop);
    all.add(0, "a 1");
    all.add(0, "Z 1");
    assertEquals(all, list(2));
  }

  @Test
  void opaqueRootIsAllThereIs() throws ErrnoException {
    new Tree(top).write(".wh..wh..opq", "");
    new Tree(bottom).write("a", "");
    try (LayerStack stack = stack()) {
      Merge merge = new Merge(stack);
      LayerDirectory[] roots = merge.root(0);
      assertEquals(1, roots.length);
      Merge.drop(roots);
      roots = merge.root(1);
      assertEquals(1, roots.length);
      Merge.drop(roots);
      assertEquals(0, merge.root(2).length);
    }
    assertEquals(List.of(), list(1));
  }
}
