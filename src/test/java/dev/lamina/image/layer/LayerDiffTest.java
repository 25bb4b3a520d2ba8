package dev.lamina.image.layer;

import static dev.lamina.testing.Mounter.FUSE_OVERLAYFS;
import static dev.lamina.testing.Mounter.KERNEL_OVERLAY;
import static dev.lamina.testing.Mounter.LAMINA_KERNEL;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import dev.lamina.testing.TreeState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Layers that are made from uppers of kernel overlayfs. */
@Tag("one-jdk")
class LayerDiffTest {
  private final UpperUnderTest union = new UpperUnderTest();
  private final Tree base = union.base();
  private final Tree merged = union.merged();

  @AfterEach
  void close() {
    union.close();
  }

  private void mount() {
    union.mount(KERNEL_OVERLAY, UpperUnderTest.ALL_MARKS);
  }

  /** Unmounts, compares, and returns the names in the layer. */
  private List<String> commit() {
    TreeState expected = TreeState.of(merged);
    union.unmount(KERNEL_OVERLAY);
    return AppliedLayer.names(union.commit(expected), union.root());
  }

  @Test
  void nothingChangedIsAnEmptyLayer() {
    base.write("d/file", "x");
    mount();
    assertEquals("x", merged.read("d/file"));
    assertEquals(List.of(), commit());
  }

  @Test
  void additionsComeWithTheirDirectories() {
    base.write("d/sub/old", "x");
    base.write("other/file", "x");
    mount();
    merged.write("d/sub/new", "new");
    assertEquals(List.of("d/", "d/sub/", "d/sub/new"), commit());
  }

  @Test
  void removedNamesAreWhiteoutsBeforeAllElse() {
    base.write("d/a", "x");
    base.write("d/z/deep/file", "x");
    base.write("d/keep", "x");
    mount();
    ok(merged.unlink("d/a"));
    Commands.run("rm", "-r", merged.string("d/z")).succeed();
    merged.write("d/b", "new");
    assertEquals(List.of("d/", "d/.wh.a", "d/.wh.z", "d/b"), commit());
  }

  @Test
  void whiteoutsThatHideNothingAreLeftOut() {
    base.write("d/keep", "x");
    union.startUpper();
    union.upper().whiteout("d/never-there");
    AppliedLayer.copyRoot(base, union.upper());
    union.upper().write("d/.wh.neither", "");
    Tree.ok(union.upper().utimens("d", 7, 8));
    assertEquals(List.of("d/"), AppliedLayer.names(union.diff(), union.root()));
  }

  @Test
  void whatWasCopiedUpButIsUnchangedIsLeftOut() {
    base.write("same", "contents");
    ok(base.setxattr("same", "user.a", "1"));
    base.write("same-size", "contents");
    base.write("touched", "x");
    ok(base.utimens("same-size", 1000, 7));
    ok(base.symlink("target", "link"));
    base.write("d/file", "x");
    base.write("d/more/file", "x");
    mount();
    // Opening a file for writing copies it up.
    for (String file : List.of("same", "same-size", "touched")) {
      merged.append(file, "");
    }
    Tree.ok(merged.chmod("d/more/file", 0600));
    Tree.ok(merged.chmod("d/more/file", 0644));
    merged.write("same-size", "CONTENTS");
    ok(merged.utimens("same-size", 1000, 7));
    ok(merged.utimens("touched", 5, 5));
    assertEquals(List.of("same-size", "touched"), commit());
  }

  @Test
  void directoryInPlaceOfAnotherIsOpaque() {
    base.write("d/old", "x");
    base.write("d/sub/old", "x");
    mount();
    Commands.run("rm", "-r", merged.string("d")).succeed();
    ok(merged.mkdir("d", 0700));
    merged.write("d/!first", "x");
    merged.write("d/sub/new", "x");
    assertEquals(
        List.of("./", "d/", "d/.wh..wh..opq", "d/!first", "d/sub/", "d/sub/new"), commit());
  }

  @Test
  void typesMayChange() {
    base.write("file-to-directory", "x");
    base.write("directory-to-file/a/b", "x");
    base.write("directory-to-link/a", "x");
    ok(base.symlink("file-to-directory", "link-to-directory"));
    base.write("file-to-device", "x");
    mount();
    ok(merged.unlink("file-to-directory"));
    merged.write("file-to-directory/inside", "x");
    Commands.run("rm", "-r", merged.string("directory-to-file")).succeed();
    merged.write("directory-to-file", "x");
    Commands.run("rm", "-r", merged.string("directory-to-link")).succeed();
    ok(merged.symlink("elsewhere", "directory-to-link"));
    ok(merged.unlink("link-to-directory"));
    ok(merged.mkdir("link-to-directory", 0755));
    ok(merged.unlink("file-to-device"));
    ok(merged.mknod("file-to-device", Mode.S_IFBLK | 0640, Devices.make(259, 70_000)));
    ok(merged.mknod("fifo", Mode.S_IFIFO | 0604, 0));
    commit();
  }

  /** The type changes twice: a directory in the third layer does not hide a file of the first. */
  @Test
  void typesMayChangeBack() {
    base.write("d/old", "x");
    mount();
    Commands.run("rm", "-r", merged.string("d")).succeed();
    merged.write("d", "a file");
    commit();
    mount();
    ok(merged.unlink("d"));
    merged.write("d/new", "x");
    List<String> names = commit();
    assertEquals(List.of("./", "d/", "d/new"), names);
  }

  @Test
  void renamedDirectoriesAreWhole() {
    base.write("d/sub/deep/file", "x");
    base.write("d/gone", "x");
    base.write("e/other", "x");
    base.write("e/target/hidden", "x");
    mount();
    ok(merged.rename("d", "renamed"));
    ok(merged.unlink("renamed/gone"));
    merged.write("renamed/sub/added", "x");
    ok(merged.rename("renamed/sub/deep", "e/deep"));
    Commands.run("rm", "-r", merged.string("e/target")).succeed();
    ok(merged.rename("renamed/sub", "e/target"));
    assertNotNull(union.upper().xattr("e/target", "trusted.overlay.redirect"));
    List<String> expected =
        List.of(
            "./",
            ".wh.d",
            "e/",
            "e/deep/",
            "e/deep/file",
            "e/target/",
            "e/target/.wh..wh..opq",
            "e/target/added",
            "renamed/");
    assertEquals(expected, commit());
  }

  @Test
  void metacopiesAreWholeFiles() {
    base.write("data", "the data of the lower file");
    base.write("moved", "more data");
    mount();
    ok(merged.chmod("data", 0600));
    ok(merged.setxattr("moved", "user.a", "b"));
    ok(merged.rename("moved", "elsewhere"));
    assertNotNull(union.upper().xattr("data", "trusted.overlay.metacopy"));
    assertNotNull(union.upper().xattr("elsewhere", "trusted.overlay.redirect"));
    assertEquals(List.of("./", ".wh.moved", "data", "elsewhere"), commit());
    // A second layer goes on top of the first.
    mount();
    ok(merged.chown("data", 5, 6));
    assertEquals("the data of the lower file", merged.read("data"));
    assertEquals(List.of("data"), commit());
  }

  @Test
  void hardLinksStayLinks() {
    base.write("single", "x");
    base.write("one", "two names");
    ok(base.link("one", "two"));
    base.write("three", "two more");
    ok(base.link("three", "four"));
    mount();
    // This is a new name of a file that has not changed otherwise.
    ok(merged.link("single", "d-link"));
    merged.write("new", "x");
    ok(merged.setxattr("new", "user.a", "b"));
    ok(merged.mkdir("sub", 0755));
    ok(merged.link("new", "sub/new"));
    ok(merged.symlink("target", "symlink"));
    ok(merged.link("symlink", "symlink2"));
    ok(merged.mknod("fifo", Mode.S_IFIFO | 0600, 0));
    ok(merged.link("fifo", "fifo2"));
    // Of two names, one is removed and the other stays.
    ok(merged.chmod("one", 0600));
    merged.append("three", "");
    List<String> names = commit();
    assertTrue(names.containsAll(List.of("d-link", "single", "new", "sub/new", "one", "three")));
    assertTrue(!names.contains("two") && !names.contains("four"), names.toString());
  }

  /** The file has as many names as below, but different ones; nothing else shows the change. */
  @Test
  void otherNamesOfTheSameFileAreLinks() {
    base.write("one", "two names");
    ok(base.link("one", "two"));
    mount();
    ok(merged.unlink("two"));
    ok(merged.link("one", "another"));
    assertEquals(2, union.upper().stat("one").nlink);
    assertEquals(List.of("./", ".wh.two", "another", "one"), commit());
  }

  @Test
  void attributesOfDirectoriesCount() {
    base.write("mode/file", "x");
    base.write("owner/file", "x");
    base.write("time/file", "x");
    base.write("attribute/file", "x");
    base.write("removed/file", "x");
    ok(base.setxattr("removed", "user.a", "b"));
    base.write("same/file", "x");
    ok(base.chmod("", 0711));
    mount();
    ok(merged.chmod("mode", 01777));
    ok(merged.chown("owner", 3_000_000, 4_000_000_00));
    ok(merged.utimens("time", -1, 500_000_000));
    ok(merged.setxattr("attribute", "trusted.a", "b"));
    ok(merged.removexattr("removed", "user.a"));
    merged.chmod("same", 0711);
    merged.chmod("same", 0755);
    ok(merged.chown("", 1, 2));
    assertEquals(List.of("./", "attribute/", "mode/", "owner/", "removed/", "time/"), commit());
  }

  @Test
  void upperMadeByLaminaIsTakenAsWell() {
    base.write("d/a", "x");
    base.write("d/b", "x");
    base.write("e/old", "x");
    base.write("file", "x");
    union.mount(LAMINA_KERNEL);
    merged.append("file", " changed");
    merged.append("d/b", "");
    ok(merged.unlink("d/a"));
    Commands.run("rm", "-r", merged.string("e")).succeed();
    ok(merged.mkdir("e", 0700));
    ok(merged.setxattr("file", "trusted.overlay.opaque", "y"));
    ok(merged.removexattr("file", "trusted.overlay.opaque"));
    TreeState expected = TreeState.of(merged);
    union.unmount(LAMINA_KERNEL);
    assertNotNull(union.upper().xattr("file", "trusted.overlay.lamina.ino"));
    List<String> names = AppliedLayer.names(union.commit(expected), union.root());
    assertEquals(List.of("./", "d/", "d/.wh.a", "e/", "e/.wh..wh..opq", "file"), names);
  }

  @Test
  void upperMadeByFuseOverlayfsIsTakenAsWell() {
    base.write("d/a", "x");
    base.write("d/b", "x");
    base.write("e/old", "x");
    base.write("file", "x");
    union.mount(FUSE_OVERLAYFS);
    merged.append("file", " changed");
    ok(merged.unlink("d/a"));
    Commands.run("rm", "-r", merged.string("e")).succeed();
    ok(merged.mkdir("e", 0700));
    merged.write("new/sub/file", "x");
    // All times are written only then.
    union.unmount(FUSE_OVERLAYFS);
    union.mount(FUSE_OVERLAYFS);
    TreeState expected = TreeState.of(merged);
    union.unmount(FUSE_OVERLAYFS);
    List<String> names = AppliedLayer.names(union.commit(expected), union.root());
    assertEquals(
        List.of(
            "./",
            "d/",
            "d/.wh.a",
            "e/",
            "e/.wh..wh..opq",
            "file",
            "new/",
            "new/sub/",
            "new/sub/file"),
        names);
  }

  /**
   * The output is the same for a copy of the tree, with other inode numbers and in another order of
   * listing.
   */
  @Test
  void copyOfAnUpperMakesTheSameLayer() {
    base.write("d/old", "x");
    mount();
    for (int i = 0; i < 50; i++) {
      merged.write("d/sub/file" + i, "x" + i);
    }
    ok(merged.link("d/sub/file3", "d/link"));
    ok(merged.unlink("d/old"));
    ok(merged.setxattr("d/sub", "user.z", "1"));
    ok(merged.setxattr("d/sub", "user.a", "2"));
    union.unmount(KERNEL_OVERLAY);
    byte[] layer = union.diff();
    assertArrayEquals(layer, union.diff(), "a second time");
    String copy = union.root().resolve("cp").toString();
    Commands.run("cp", "-a", union.upper().toString(), copy).succeed();
    Commands.run("find", copy, "-exec", "touch", "-a", "{}", "+").succeed();
    List<Path> stack = union.stack();
    stack.set(0, Path.of(copy));
    assertArrayEquals(layer, Stacks.diff(stack), "of a copy");
  }
}
