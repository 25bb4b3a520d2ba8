package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** unlink, rmdir, and making again what was removed. */
class RemoveTest extends SharedMountTest {
  @Override
  int lowerLayers() {
    return 2;
  }

  @Override
  void fill(Union layers) {
    Tree top = layers.lower(0);
    Tree bottom = layers.lower(1);
    top.write("unlink/in-both", "top");
    bottom.write("unlink/in-both", "bottom");
    bottom.write("unlink/changed", "bottom");
    bottom.write("unlink/kept", "bottom");
    for (String name : List.of("again", "other")) {
      top.write("tree/" + name + "/top", "old");
      bottom.write("tree/" + name + "/bottom", "old");
      bottom.write("tree/" + name + "/sub/deep", "old");
    }
    bottom.write("file-then-directory/x", "old");
    bottom.write("directory-then-file/x/in", "old");
    bottom.write("directory-then-symlink/x/in", "old");
    bottom.write("full/in", "old");
    bottom.write("whiteouts-only/in", "old");
    bottom.write("nothing-below/other", "old");
    top.directory("lower-empty/d");
    bottom.write("errors/file", "old");
    bottom.directory("errors/directory");
    bottom.write("inside/d/x/y", "old");
    bottom.write("open/d/x", "old");
  }

  @Test
  void unlinkedNamesAreGone() {
    merged.append("unlink/changed", "!");
    merged.write("unlink/new", "new");
    for (String name : List.of("in-both", "changed", "new")) {
      ok(merged.unlink("unlink/" + name));
      refused(Errno.ENOENT, merged.lstat("unlink/" + name));
      refused(Errno.ENOENT, merged.unlink("unlink/" + name));
    }
    assertEquals(List.of("kept"), merged.list("unlink"));
  }

  @Test
  void unlinkedNameCanBeMadeAgain() {
    bothTimes("file-then-directory");
    ok(merged.unlink("file-then-directory/x"));
    ok(merged.mkdir("file-then-directory/x", 0755));
    assertEquals(List.of(), merged.list("file-then-directory/x"));

    Commands.run("rm", "-r", merged.string("directory-then-file/x")).succeed();
    merged.write("directory-then-file/x", "new");
    assertEquals("new", merged.read("directory-then-file/x"));

    Commands.run("rm", "-r", merged.string("directory-then-symlink/x")).succeed();
    ok(merged.symlink("in", "directory-then-symlink/x"));
    assertEquals("in", merged.readlink("directory-then-symlink/x"));
  }

  private void bothTimes(String directory) {
    assertEquals("old", merged.read(directory + "/x"));
    ok(merged.unlink(directory + "/x"));
    merged.write(directory + "/x", "new");
    assertEquals("new", merged.read(directory + "/x"));
  }

  @Test
  void removedAndRemadeDirectoryIsEmpty() {
    Commands.run("rm", "-rf", merged.string("tree/again")).succeed();
    refused(Errno.ENOENT, merged.lstat("tree/again"));
    ok(merged.mkdir("tree/again", 0755));
    assertEquals(List.of(), merged.list("tree/again"));
    for (String old : List.of("top", "bottom", "sub", "sub/deep")) {
      refused(Errno.ENOENT, merged.lstat("tree/again/" + old));
    }
    ok(merged.mkdir("tree/again/sub", 0755));
    assertEquals(List.of(), merged.list("tree/again/sub"));
    refused(Errno.ENOENT, merged.lstat("tree/again/sub/deep"));
    merged.write("tree/again/top", "new");
    assertEquals("new", merged.read("tree/again/top"));
    assertEquals(List.of("again", "other"), merged.list("tree"));
  }

  @Test
  void directoryWithEntriesStays() {
    refused(Errno.ENOTEMPTY, merged.rmdir("full"));
    assertEquals("old", merged.read("full/in"));
  }

  @Test
  void directoryOfWhiteoutsIsEmpty() {
    ok(merged.unlink("whiteouts-only/in"));
    assertEquals(List.of(), merged.list("whiteouts-only"));
    ok(merged.rmdir("whiteouts-only"));
    refused(Errno.ENOENT, merged.lstat("whiteouts-only"));
    ok(merged.mkdir("whiteouts-only", 0755));
    assertEquals(List.of(), merged.list("whiteouts-only"));
  }

  @Test
  void emptyLowerDirectoryIsRemoved() {
    ok(merged.rmdir("lower-empty/d"));
    refused(Errno.ENOENT, merged.lstat("lower-empty/d"));
    assertEquals(List.of(), merged.list("lower-empty"));
  }

  @Test
  void nameThatNoLowerLayerHasLeavesNothing() {
    merged.write("nothing-below/new", "new");
    ok(merged.unlink("nothing-below/new"));
    ok(merged.mkdir("nothing-below/new", 0755));
    ok(merged.rmdir("nothing-below/new"));
    ok(merged.symlink("x", "nothing-below/new"));
    ok(merged.rename("nothing-below/new", "nothing-below/newer"));
    ok(merged.unlink("nothing-below/newer"));
    assertEquals(List.of(), upper.list("nothing-below"));
  }

  @Test
  void wrongKindsAreRefused() {
    refused(Errno.EISDIR, merged.unlink("errors/directory"));
    refused(Errno.ENOTDIR, merged.rmdir("errors/file"));
    refused(Errno.ENOENT, merged.rmdir("errors/none"));
    refused(Errno.ENOTDIR, merged.unlink("errors/file/x"));
    refused(Errno.EEXIST, merged.mkdir("errors/file", 0755));
    refused(Errno.EEXIST, merged.mkdir("errors/directory", 0755));
    refused(Errno.EEXIST, merged.symlink("x", "errors/file"));
    refused(Errno.EEXIST, merged.mknod("errors/file", 0100644, 0));
    refused(Errno.EEXIST, merged.link("errors/file", "errors/directory"));
    refused(Errno.EPERM, merged.link("errors/directory", "errors/new"));
  }

  @Test
  void removedDirectoryThatIsOpenTakesNoNewNames() {
    int fd = ok(merged.open("open/d", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
    ok(merged.unlink("open/d/x"));
    ok(merged.rmdir("open/d"));
    refused(Errno.ENOENT, Linux.mkdirat(fd, Tree.bytes("new"), 0755));
    ok(merged.mkdir("open/d", 0755));
    refused(Errno.ENOENT, Linux.mkdirat(fd, Tree.bytes("new"), 0755));
    assertEquals(List.of(), merged.list("open/d"));
    ok(Linux.close(fd));
  }

  @Test
  void removingFromInsideOutLeavesOneWhiteout() {
    Commands.run("rm", "-r", merged.string("inside/d")).succeed();
    assertEquals(List.of(), merged.list("inside"));
    assertEquals(List.of("d"), upper.list("inside"));
    assertTrue(!upper.stat("inside/d").isDirectory());
  }
}
