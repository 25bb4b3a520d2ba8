package dev.lamina.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.image.tar.RawTar;
import dev.lamina.layer.UpperFormat;
import dev.lamina.testing.Layers;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A whiteout hides only what is in the layers below (OCI image layer specification, "Whiteouts"),
 * wherever it is among the entries of the same name.
 */
class WhiteoutOrderTest {
  private final Sandbox sandbox = new Sandbox();
  private final Path upper = sandbox.directory("upper");
  private final Path lower = sandbox.directory("lower");

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  /**
   * Up to four entries in any order: a whiteout, a file, a link, and a directory with something in
   * it.
   */
  private static List<String> orders() {
    List<String> all = new ArrayList<>(List.of(""));
    int start = 0;
    for (int length = 1; length <= 4; length++) {
      int end = all.size();
      for (int i = start; i < end; i++) {
        for (char next : "wfld".toCharArray()) {
          all.add(all.get(i) + next);
        }
      }
      start = end;
    }
    return all.subList(1, all.size());
  }

  private static byte[] archive() {
    RawTar tar = new RawTar().mode(0755).directory("./").file("target", "");
    for (String name : orders()) {
      for (char next : name.toCharArray()) {
        switch (next) {
          case 'w' -> tar.file(".wh." + name, "");
          case 'f' -> tar.file(name, "file");
          case 'l' -> tar.link(name, "target");
          default -> tar.directory(name).file(name + "/new", "");
        }
      }
    }
    return tar.end().bytes();
  }

  /**
   * Returns what a mount shows of a name that is a directory with {@code old} in the layer below.
   */
  private static String expected(String order) {
    String entries = order.replace("w", "");
    if (entries.isEmpty()) {
      return "nothing";
    }
    if (!entries.endsWith("d")) {
      return "file";
    }
    return order.contains("w") ? "[new]" : "[new, old]";
  }

  private static String seen(Tree tree, String name) {
    if (!tree.exists(name)) {
      return "nothing";
    }
    return tree.stat(name).isDirectory() ? tree.list(name).toString() : "file";
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = ".*_ATTRIBUTES")
  void everyOrder(UpperFormat format) throws IOException {
    Map<String, String> expected = new TreeMap<>();
    for (String order : orders()) {
      new Tree(lower).write(order + "/old", "");
      expected.put(order, expected(order));
    }
    LayerUnpackerTest.unpack(new ByteArrayInputStream(archive()), format, upper);
    Path merged = sandbox.directory("merged");
    boolean isKernels = format == UpperFormat.KERNEL;
    Mounter mounter = isKernels ? Mounter.KERNEL_OVERLAY : Mounter.LAMINA_KERNEL;
    mounter.mount(new Layers(List.of(upper, lower), null, null), merged);
    try {
      Map<String, String> found = new TreeMap<>();
      for (String order : orders()) {
        found.put(order, seen(new Tree(merged), order));
      }
      assertEquals(expected, found);
    } finally {
      mounter.unmount(merged);
    }
  }

  @Test
  void opaqueDirectoriesThatAreReplaced() throws IOException {
    RawTar tar =
        new RawTar()
            .mode(0755)
            .directory("d")
            .file("d/.wh..wh..opq", "")
            .file("d", "")
            .directory("d")
            .end();
    LayerUnpackerTest.unpack(tar.stream(), UpperFormat.KERNEL, upper);
    assertEquals("y", new Tree(upper).xattr("d", "trusted.overlay.opaque"));
  }
}
