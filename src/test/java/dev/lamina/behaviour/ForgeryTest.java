package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Users;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing done inside the mount acts as a mark of the union, and planted marks do not show. */
@Tag("one-jdk")
class ForgeryTest extends SharedMountTest {
  private static final List<String> MARKS =
      List.of(
          "trusted.overlay.opaque",
          "trusted.overlay.redirect",
          "trusted.overlay.metacopy",
          "user.overlay.opaque",
          "user.overlay.redirect",
          "user.fuseoverlayfs.opaque");

  private static final String SECRET = "the secret of root, longer than what others write";

  @Override
  void fill(Union layers) {
    Tree lower = layers.lower();
    lower.write("whiteout/file", "stays");
    for (String mark : MARKS) {
      lower.write("marks/" + mark + "/old", "old");
    }
    lower.write("marks/victim/secret", "secret");
    lower.write("planted/file", "contents");
    for (String mark : List.of("trusted.overlay.origin", "trusted.overlay.anything")) {
      ok(lower.setxattr("planted/file", mark, "planted"));
    }
    ok(lower.setxattr("planted/file", "user.other", "shown"));
    lower.write("names/file", "old");
    lower.write("names/other", "old");
  }

  @Test
  void whiteoutDeviceCannotBeMade() {
    refused(Errno.EPERM, merged.mknod("whiteout/file2", Mode.S_IFCHR | 0644, 0));
    refused(Errno.EEXIST, merged.mknod("whiteout/file", Mode.S_IFCHR | 0644, 0));
    assertEquals(List.of("file"), merged.list("whiteout"));
    ok(merged.mknod("whiteout/block", Mode.S_IFBLK | 0644, 0));
    ok(merged.mknod("whiteout/null", Mode.S_IFCHR | 0644, 0x103));
    assertEquals(List.of("block", "file", "null"), merged.list("whiteout"));
  }

  /** Setting one may fail or succeed (kernel overlayfs stores it escaped), but it marks nothing. */
  @Test
  void attributesSetFromInsideMarkNothing() {
    for (String mark : MARKS) {
      String directory = "marks/" + mark;
      int result = merged.setxattr(directory, mark, mark.endsWith("redirect") ? "victim" : "y");
      if (result < 0 && result != -Errno.EPERM && result != -Errno.EOPNOTSUPP) {
        refused(Errno.EPERM, result);
      }
      assertEquals(List.of("old"), merged.list(directory));
      ok(merged.mkdir(directory + "/new", 0755));
      merged.setxattr(directory + "/new", mark, "y");
    }
    union.remount();
    for (String mark : MARKS) {
      assertEquals(List.of("new", "old"), merged.list("marks/" + mark));
      assertEquals("old", merged.read("marks/" + mark + "/old"));
    }
  }

  @Test
  void plantedAttributesAreInvisible() {
    assertEquals(Map.of("user.other", "shown"), merged.xattrs("planted/file"));
    refused(Errno.ENODATA, merged.getxattr("planted/file", "trusted.overlay.origin"));
    refused(Errno.ENODATA, merged.getxattr("planted/file", "trusted.overlay.anything"));
    merged.append("planted/file", "!");
    assertEquals(Map.of("user.other", "shown"), merged.xattrs("planted/file"));
  }

  /** Lamina reads AUFS whiteouts, so their names are taken; to kernel overlayfs they are names. */
  @Test
  void namesOfWhiteoutsCannotBeMade() {
    int expected = mounter.isLamina() ? -Errno.EINVAL : 0;
    Tree names = merged.at("names");
    int fd = names.open(".wh.a", OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0644);
    assertEquals(expected, Math.min(fd, 0));
    if (fd >= 0) {
      Linux.close(fd);
    }
    assertEquals(expected, names.mkdir(".wh.b", 0755));
    assertEquals(expected, names.mknod(".wh.c", Mode.S_IFIFO | 0644, 0));
    assertEquals(expected, names.symlink("x", ".wh.d"));
    assertEquals(expected, names.link("file", ".wh.e"));
    assertEquals(expected, names.rename("other", ".wh.file"));
    if (mounter.isLamina()) {
      refused(Errno.ENOENT, names.lstat(".wh.a"));
      assertEquals(List.of("file", "other"), names.list(""));
      assertFalse(upper.exists("names/.wh.file"));
    }
    ok(names.mkdir(".wh", 0755));
    ok(names.mkdir("a.wh.b", 0755));
  }

  /**
   * libfuse 2 gives a deleted open file a name of this form, with two small numbers in it, and asks
   * for the file by it. A file that somebody else makes under that name is theirs alone.
   */
  @Test
  void guessedNameOfADeletedFileDoesNotLeadToIt() {
    try (Union own = Union.writable(mounter, 1)) {
      own.mount();
      Tree tree = own.merged();
      ok(tree.mkdir("mine", 0777));
      ok(tree.chmod("mine", 0777));
      tree.write("secret", SECRET);
      ok(tree.chmod("secret", 0600));
      int fd = ok(tree.open("secret", OpenFlags.O_RDWR));
      ok(tree.unlink("secret"));
      try {
        Users.asNobody(() -> guess(tree.at("mine")));
        assertEquals(SECRET, Tree.readAll(fd));
      } finally {
        Linux.close(fd);
      }
    }
  }

  /** Tries what reads, writes or shows a file under every name that may be that of the other. */
  private static Void guess(Tree mine) {
    String own = "made by another";
    for (int node = 0; node < 60; node++) {
      for (int count = 0; count <= 5; count++) {
        String name = String.format(".fuse_hidden%08x%08x", node, count);
        refused(Errno.ENOENT, mine.open(name, OpenFlags.O_RDWR));
        mine.write(name, own);
        assertEquals(own, mine.read(name), name);
        assertEquals(own.length(), mine.stat(name).size, name);
        mine.append(name, "!");
        ok(mine.truncate(name, 3));
        assertEquals(own.substring(0, 3), mine.read(name), name);
        ok(mine.link(name, "linked"));
        assertEquals(own.substring(0, 3), mine.read("linked"), name);
        ok(mine.rename(name, "renamed"));
        assertEquals(own.substring(0, 3), mine.read("renamed"), name);
        for (String made : List.of("linked", "renamed")) {
          ok(mine.unlink(made));
        }
        assertEquals(List.of(), mine.list(""));
      }
    }
    return null;
  }
}
