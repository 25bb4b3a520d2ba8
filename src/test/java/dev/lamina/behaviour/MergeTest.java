package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Getdents;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which layer a name comes from, and what a directory of several layers shows. */
class MergeTest extends SharedMountTest {
  private static final String OPAQUE = "trusted.overlay.opaque";

  @Override
  int lowerLayers() {
    return 3;
  }

  @Override
  void fill(Union layers) {
    Tree top = layers.lower(0);
    Tree middle = layers.lower(1);
    Tree bottom = layers.lower(2);

    for (int i = 0; i < 3; i++) {
      layers.lower(i).write("merge/same", "layer " + i);
      layers.lower(i).write("merge/only-" + i, "only " + i);
    }
    layers.upper().write("merge/only-upper", "upper");
    ok(top.chmod("merge", 0711));
    ok(bottom.chmod("merge", 0700));
    ok(layers.upper().chmod("merge", 0751));

    top.write("stops/file-between/top", "top");
    middle.write("stops/file-between", "file");
    bottom.write("stops/file-between/bottom", "bottom");
    top.write("stops/file-over-directory", "file");
    bottom.write("stops/file-over-directory/bottom", "bottom");
    top.write("stops/symlink-below/top", "top");
    bottom.directory("stops/elsewhere");
    bottom.write("stops/elsewhere/bottom", "bottom");
    ok(bottom.symlink("elsewhere", "stops/symlink-below"));

    bottom.write("white/file", "hidden");
    bottom.write("white/directory/in", "hidden");
    bottom.write("white/back", "hidden");
    bottom.write("white/stays", "stays");
    middle.whiteout("white/file");
    middle.whiteout("white/directory");
    middle.whiteout("white/back");
    middle.whiteout("white/nothing-below");
    top.write("white/back", "back");
    bottom.write("white/upper", "hidden");
    layers.upper().whiteout("white/upper");
    bottom.write("white/between/bottom", "hidden");
    middle.whiteout("white/between");
    top.write("white/between/top", "top");

    bottom.write("opaque/a", "hidden");
    middle.write("opaque/b", "shown");
    ok(middle.setxattr("opaque", OPAQUE, "y"));
    top.write("opaque/c", "shown");
    bottom.write("opaque/deep/a", "hidden");
    middle.write("opaque/deep/b", "shown");
    bottom.write("opaque-upper/a", "hidden");
    layers.upper().directory("opaque-upper");
    ok(layers.upper().setxattr("opaque-upper", OPAQUE, "y"));

    bottom.write("marked/hidden", "hidden");
    middle.write("marked/hidden", "");
    ok(middle.setxattr("marked/hidden", "trusted.overlay.whiteout", ""));
    ok(middle.setxattr("marked", OPAQUE, "x"));
    bottom.write("marked/shown", "shown");
    top.directory("marked");

    bottom.directory("types");
    ok(bottom.mknod("types/fifo", Mode.S_IFIFO | 0644, 0));
    ok(bottom.mknod("types/socket", Mode.S_IFSOCK | 0644, 0));
    ok(bottom.mknod("types/device", Mode.S_IFCHR | 0644, 0x103));
    ok(bottom.symlink("target", "types/symlink"));
    bottom.write("types/file", "");
    middle.directory("types/directory");
    layers.upper().directory("types/upper");
  }

  @Test
  void topmostLayerWins() {
    assertEquals("layer 0", merged.read("merge/same"));
    for (int i = 0; i < 3; i++) {
      assertEquals("only " + i, merged.read("merge/only-" + i));
    }
    assertEquals("upper", merged.read("merge/only-upper"));
  }

  @Test
  void directoryShowsEveryNameOnce() {
    assertEquals(List.of("only-0", "only-1", "only-2", "only-upper", "same"), merged.list("merge"));
  }

  @Test
  void attributesOfMergedDirectoryAreTheTopmostOnes() {
    assertEquals(Mode.S_IFDIR | 0751, merged.stat("merge").mode);
  }

  @Test
  void missingNameIsNotFound() {
    refused(Errno.ENOENT, merged.lstat("merge/none"));
    refused(Errno.ENOENT, merged.lstat("none/none"));
    refused(Errno.ENOTDIR, merged.lstat("merge/same/none"));
  }

  @Test
  void nonDirectoryStopsTheMerge() {
    assertEquals(List.of("top"), merged.list("stops/file-between"));
    refused(Errno.ENOENT, merged.lstat("stops/file-between/bottom"));
    assertEquals("file", merged.read("stops/file-over-directory"));
    assertEquals(List.of("top"), merged.list("stops/symlink-below"));
    refused(Errno.ENOENT, merged.lstat("stops/symlink-below/bottom"));
  }

  @Test
  void whiteoutHidesTheLayersBelow() {
    assertEquals(List.of("back", "between", "stays"), merged.list("white"));
    for (String name : List.of("file", "directory", "nothing-below", "upper", "directory/in")) {
      refused(Errno.ENOENT, merged.lstat("white/" + name));
    }
    assertEquals("back", merged.read("white/back"));
    assertEquals(List.of("top"), merged.list("white/between"));
  }

  @Test
  void opaqueDirectoryHidesTheLayersBelow() {
    assertEquals(List.of("b", "c", "deep"), merged.list("opaque"));
    refused(Errno.ENOENT, merged.lstat("opaque/a"));
    assertEquals(List.of("b"), merged.list("opaque/deep"));
    refused(Errno.ENOENT, merged.lstat("opaque/deep/a"));
    assertEquals(List.of(), merged.list("opaque-upper"));
  }

  /** Documentation/filesystems/overlayfs: whiteouts by xattr count in opaque=x directories. */
  @Test
  void emptyFileMarkedAsWhiteoutHides() {
    assertEquals(List.of("shown"), merged.list("marked"));
    refused(Errno.ENOENT, merged.lstat("marked/hidden"));
  }

  @Test
  void listingNamesTypesAndInodesAsStatDoes() {
    for (String path : List.of("", "merge", "types", "white", "opaque")) {
      Map<String, Getdents.Entry> entries =
          merged.getdents(path).entries().stream()
              .collect(Collectors.toMap(Getdents.Entry::name, e -> e));
      assertEquals(merged.stat(path).ino, entries.get(".").ino(), path + "/.");
      assertTrue(entries.containsKey(".."), path + "/..");
      for (String name : merged.list(path)) {
        Stat stat = merged.stat(path.isEmpty() ? name : path + "/" + name);
        Getdents.Entry entry = entries.get(name);
        assertNotEquals(0, entry.ino(), name);
        assertEquals(stat.ino, entry.ino(), path + "/" + name);
        assertEquals(stat.type(), entry.type(), path + "/" + name);
      }
    }
  }

  @Test
  void parentInListingIsTheParent() {
    Getdents.Entry parent =
        merged.getdents("merge").entries().stream()
            .filter(entry -> entry.name().equals(".."))
            .findAny()
            .orElseThrow();
    assertEquals(merged.stat("").ino, parent.ino());
  }

  @Test
  void marksOfTheLayersAreInvisible() {
    assertFalse(merged.xattrs("opaque").containsKey(OPAQUE));
    assertFalse(merged.xattrs("opaque-upper").containsKey(OPAQUE));
    assertFalse(merged.xattrs("marked").containsKey(OPAQUE));
    refused(Errno.ENODATA, merged.getxattr("opaque", OPAQUE));
  }
}
