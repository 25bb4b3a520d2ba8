package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Errno;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Marks that other tools leave in layers: OCI and AUFS, fuse-overlayfs, unprivileged overlayfs. */
@LaminaOnly("kernel overlayfs knows only its own marks")
class MarkFormatsTest extends SharedMountTest {
  private static final String[] OPAQUE_ATTRIBUTES = {
    "trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"
  };

  private static final List<String> PLANTED =
      List.of(
          "trusted.overlay.origin",
          "user.overlay.origin",
          "user.overlay.anything",
          "user.fuseoverlayfs.origin",
          "user.fuseoverlayfs.anything");

  @Override
  int lowerLayers() {
    return 2;
  }

  @Override
  void fill(Union layers) {
    Tree top = layers.lower(0);
    Tree bottom = layers.lower(1);
    bottom.write("aufs/file", "hidden");
    bottom.write("aufs/directory/in", "hidden");
    bottom.write("aufs/stays", "stays");
    top.write("aufs/.wh.file", "");
    top.write("aufs/.wh.directory", "");
    top.write("aufs/.wh.nothing", "");
    bottom.write("aufs/both", "hidden");
    top.write("aufs/.wh.both", "");
    top.write("aufs/both", "shown");
    top.write("aufs/.wh..wh.plnk", "");

    bottom.write("aufs-opaque/old", "hidden");
    top.write("aufs-opaque/.wh..wh..opq", "");
    top.write("aufs-opaque/new", "new");

    for (String attribute : OPAQUE_ATTRIBUTES) {
      bottom.write(attribute + "/old", "hidden");
      top.write(attribute + "/new", "new");
      ok(top.setxattr(attribute, attribute, "y"));
    }
    bottom.write("not-opaque/old", "old");
    top.write("not-opaque/new", "new");
    ok(top.setxattr("not-opaque", "user.overlay.opaque", "n"));

    for (String space : List.of("trusted", "user")) {
      String directory = "marked-" + space;
      bottom.write(directory + "/hidden", "hidden");
      bottom.write(directory + "/stays", "stays");
      top.write(directory + "/hidden", "");
      ok(top.setxattr(directory, space + ".overlay.opaque", "x"));
      ok(top.setxattr(directory + "/hidden", space + ".overlay.whiteout", ""));
    }

    bottom.write("upper/file", "hidden");
    bottom.write("upper/sub/file", "hidden");
    layers.upper().write("upper/.wh.file", "");
    layers.upper().write("upper/sub/.wh..wh..opq", "");

    bottom.write("planted/file", "contents");
    for (String attribute : PLANTED) {
      ok(bottom.setxattr("planted/file", attribute, "planted"));
    }
    ok(bottom.setxattr("planted/file", "user.overlaid", "shown"));

    bottom.write("again/file", "hidden");
    top.write("again/.wh.file", "");
  }

  @Test
  void aufsWhiteoutHidesTheLayersBelow() {
    assertEquals(List.of("both", "stays"), merged.list("aufs"));
    for (String name : List.of("file", "directory", "directory/in", "nothing")) {
      refused(Errno.ENOENT, merged.lstat("aufs/" + name));
    }
    assertEquals("shown", merged.read("aufs/both"), "a mark hides nothing of its own layer");
  }

  @Test
  void marksInTheNameAreNotThere() {
    for (String name : List.of("aufs/.wh.file", "aufs/.wh..wh.plnk", "aufs-opaque/.wh..wh..opq")) {
      refused(Errno.ENOENT, merged.lstat(name));
    }
  }

  @Test
  void aufsOpaqueMarkHidesTheLayersBelow() {
    assertEquals(List.of("new"), merged.list("aufs-opaque"));
    refused(Errno.ENOENT, merged.lstat("aufs-opaque/old"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"})
  void opaqueAttributeHidesTheLayersBelow(String attribute) {
    assertEquals(List.of("new"), merged.list(attribute));
    refused(Errno.ENOENT, merged.lstat(attribute + "/old"));
    assertEquals(Map.of(), merged.xattrs(attribute), "the mark is invisible");
    refused(Errno.ENODATA, merged.getxattr(attribute, attribute));
  }

  @Test
  void onlyYesIsOpaque() {
    assertEquals(List.of("new", "old"), merged.list("not-opaque"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"trusted", "user"})
  void emptyFileMarkedAsWhiteoutHides(String space) {
    assertEquals(List.of("stays"), merged.list("marked-" + space));
    refused(Errno.ENOENT, merged.lstat("marked-" + space + "/hidden"));
  }

  @Test
  void marksInTheUpperCountAsWell() {
    assertEquals(List.of("sub"), merged.list("upper"));
    assertEquals(List.of(), merged.list("upper/sub"));
    merged.write("upper/file", "new");
    merged.write("upper/sub/file", "new");
    assertEquals("new", merged.read("upper/file"));
    assertEquals(List.of("file"), merged.list("upper/sub"));
    ok(merged.unlink("upper/file"));
    ok(merged.unlink("upper/sub/file"));
    refused(Errno.ENOENT, merged.lstat("upper/file"));
    ok(merged.rmdir("upper/sub"));
  }

  @Test
  void plantedAttributesAreInvisible() {
    Map<String, String> shown = Map.of("user.overlaid", "shown");
    assertEquals(shown, merged.xattrs("planted/file"));
    for (String attribute : PLANTED) {
      refused(Errno.ENODATA, merged.getxattr("planted/file", attribute));
    }
    merged.append("planted/file", "!");
    assertEquals(shown, merged.xattrs("planted/file"));
  }

  @Test
  void hiddenNameCanBeMadeAgain() {
    merged.write("again/file", "new");
    assertEquals("new", merged.read("again/file"));
    ok(merged.unlink("again/file"));
    assertEquals(List.of(), merged.list("again"));
  }
}
