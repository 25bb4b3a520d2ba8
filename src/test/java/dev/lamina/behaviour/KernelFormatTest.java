package dev.lamina.behaviour;

import static dev.lamina.testing.Mounter.KERNEL_OVERLAY;
import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Strace;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An upper that kernel overlayfs wrote shows the same tree when mounted again, and back. */
@Tag("one-jdk")
class KernelFormatTest extends UnionTest {
  private static void fill(Union union) {
    for (int i = 0; i < 2; i++) {
      union.lower(i).write("d/sub/x" + i, "x" + i);
      union.lower(i).write("d/file" + i, "file" + i);
      union.lower(i).write("e/gone" + i, "gone");
      union.lower(i).write("other/y" + i, "y");
    }
    union.lower(1).write("data", "the data of the lower file");
    union.lower(1).write("moved-data", "more data");
    union.lower(1).write("replaced", "old");
    ok(union.lower(1).symlink("data", "link"));
  }

  /** Leaves marks of every kind: whiteouts, opaque directories, redirects and metacopies. */
  private static void change(Tree merged) {
    merged.move("d", "renamed");
    merged.move("renamed/sub", "other/sub");
    merged.write("other/sub/new", "new");
    ok(merged.unlink("other/sub/x1"));
    Commands.run("rm", "-r", merged.string("e")).succeed();
    ok(merged.mkdir("e", 0700));
    merged.write("e/fresh", "fresh");
    ok(merged.mkdir("d", 0755));
    merged.write("d/file0", "another");
    ok(merged.chmod("data", 0600));
    ok(merged.chown("data", 12, 34));
    ok(merged.chmod("moved-data", 0640));
    ok(merged.rename("moved-data", "other/moved-data"));
    ok(merged.unlink("replaced"));
    ok(merged.mkdir("replaced", 0711));
    ok(merged.chown("link", 5, 6));
    ok(merged.link("data", "second-name"));
  }

  private void showsTheSame(Mounter writer, Mounter reader) {
    try (Union union = Union.writable(mounter, 2)) {
      fill(union);
      union.mountAs(writer);
      change(union.merged());
      Map<String, String> before = Snapshot.of(union.merged());
      union.unmountAs(writer);

      union.mountAs(reader);
      Snapshot.assertSame("the tree", before, Snapshot.of(union.merged()));
      refused(Errno.ENOENT, union.merged().lstat("d/sub"));
      refused(Errno.ENOENT, union.merged().lstat("e/gone0"));
      refused(Errno.ENOENT, union.merged().lstat("renamed/sub"));
      union.merged().append("renamed/file1", " changed");
      assertEquals("file1 changed", union.merged().read("renamed/file1"));
      union.merged().append("other/moved-data", " changed");
      assertEquals("more data changed", union.merged().read("other/moved-data"));
      Commands.run("rm", "-r", union.merged().string("other/sub")).succeed();
      Map<String, String> after = Snapshot.of(union.merged());
      union.unmountAs(reader);

      union.mountAs(writer);
      Snapshot.assertSame("the tree", after, Snapshot.of(union.merged()));
    }
  }

  @Test
  void treeWrittenByTheKernelReadsTheSame() {
    showsTheSame(KERNEL_OVERLAY, mounter);
  }

  @Test
  void treeReadByTheKernelIsTheSame() {
    showsTheSame(mounter, KERNEL_OVERLAY);
  }

  @Test
  void metacopyOfTheKernelIsReadAndCompleted() {
    try (Union union = Union.writable(mounter, 2)) {
      fill(union);
      union.mountAs(KERNEL_OVERLAY);
      ok(union.merged().chmod("data", 0600));
      union.unmountAs(KERNEL_OVERLAY);
      assertNotNull(union.upper().xattr("data", "trusted.overlay.metacopy"));
      assertTrue(union.upper().stat("data").blocks <= 8, "a block of attributes, none of data");

      union.mount();
      assertEquals("the data of the lower file", union.merged().read("data"));
      assertEquals(0100600, union.merged().stat("data").mode);
      assertEquals(Map.of(), union.merged().xattrs("data"));
      union.merged().append("data", ", and more");
      assertEquals("the data of the lower file, and more", union.merged().read("data"));
      union.unmount();
      assertEquals("the data of the lower file, and more", union.upper().read("data"));
      assertFalse(union.upper().xattrs("data").containsKey("trusted.overlay.metacopy"));
    }
  }

  private static void makeMetacopyWithCapabilities(Union union) {
    union.lower().write("tool", "does something");
    ok(union.lower().setxattr("tool", "security.capability", CopyUpTest.CAPABILITY));
    union.mountAs(KERNEL_OVERLAY);
    ok(union.merged().chmod("tool", 0700));
    union.unmountAs(KERNEL_OVERLAY);
    assertNotNull(union.upper().xattr("tool", "trusted.overlay.metacopy"));
  }

  /** To write takes them away, so that they must be given back. */
  @Test
  void metacopyThatCannotBeCompletedKeepsItsCapabilities() {
    assumeTrue(mounter.isLamina(), "makes system calls of the daemon fail");
    try (Union union = Union.writable(mounter, 1)) {
      makeMetacopyWithCapabilities(union);
      union.mount();
      Strace.during(
          () -> refused(Errno.EIO, union.merged().open("tool", OpenFlags.O_RDWR)),
          Daemon.of(union.mountPoint()),
          union.sandbox().root().resolve("trace"),
          "-e",
          "trace=fsync",
          "-e",
          "inject=fsync:error=EIO");
      assertEquals(CopyUpTest.CAPABILITY, union.merged().xattr("tool", "security.capability"));
      assertEquals("does something", union.merged().read("tool"));
      union.unmount();
      assertNotNull(union.upper().xattr("tool", "trusted.overlay.metacopy"));
      assertEquals(CopyUpTest.CAPABILITY, union.upper().xattr("tool", "security.capability"));
    }
  }

  @Test
  void completedMetacopyKeepsItsCapabilities() {
    try (Union union = Union.writable(mounter, 1)) {
      makeMetacopyWithCapabilities(union);
      union.mount();
      ok(Linux.close(ok(union.merged().open("tool", OpenFlags.O_RDWR))));
      assertEquals(CopyUpTest.CAPABILITY, union.merged().xattr("tool", "security.capability"));
      union.unmount();
      Map<String, String> left = union.upper().xattrs("tool");
      assertFalse(left.containsKey("trusted.overlay.metacopy"));
      assertEquals(CopyUpTest.CAPABILITY, left.get("security.capability"));
      assertEquals("does something", union.upper().read("tool"));
    }
  }

  @Test
  void metacopyThatIsCutOffHasNoMore() {
    try (Union union = Union.writable(mounter, 1)) {
      for (String file : List.of("some", "none")) {
        union.lower().write(file, "0123456789");
      }
      union.mountAs(KERNEL_OVERLAY);
      ok(union.merged().chmod("some", 0600));
      ok(union.merged().chmod("none", 0600));
      union.unmountAs(KERNEL_OVERLAY);

      union.mount();
      ok(union.merged().truncate("some", 4));
      union.merged().write("none", "n");
      assertEquals("0123", union.merged().read("some"));
      assertEquals("n", union.merged().read("none"));
      union.unmount();
      assertEquals("0123", union.upper().read("some"));
      assertEquals("n", union.upper().read("none"));
    }
  }

  /** {@code chown -R} of an image must not double its size. */
  @Test
  void metadataOnlyChangesCopyNoData() {
    assumeTrue(mounter.writesMetacopies(), "the data is copied with the metadata");
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("big", "x".repeat(1 << 20));
      union.mount();
      ok(union.merged().chown("big", 1, 1));
      ok(union.merged().chmod("big", 0600));
      ok(union.merged().utimens("big", 1_000_000_000, 1));
      ok(union.merged().setxattr("big", "user.color", "blue"));
      assertEquals(1 << 20, union.merged().stat("big").size);
      assertEquals("x".repeat(1 << 20), union.merged().read("big"));
      assertTrue(union.upper().stat("big").blocks <= 8, "no data in the upper");
      union.remount();
      assertEquals("x".repeat(1 << 20), union.merged().read("big"));
      ok(union.merged().truncate("big", 10));
      assertEquals("x".repeat(10), union.merged().read("big"));
      union.unmount();
      assertEquals("x".repeat(10), union.upper().read("big"));
    }
  }

  @Test
  void whiteoutsAndOpaqueMarksAreTheKernels() {
    try (Union union = Union.writable(mounter, 2)) {
      fill(union);
      union.mount();
      ok(union.merged().unlink("data"));
      Commands.run("rm", "-r", union.merged().string("e")).succeed();
      ok(union.merged().mkdir("e", 0755));
      union.unmount();
      assertEquals(0020000, union.upper().stat("data").type());
      assertEquals(0, union.upper().stat("data").rdev);
      assertEquals("y", union.upper().xattr("e", "trusted.overlay.opaque"));
      assertEquals(List.of(), union.upper().list("e"));
    }
  }
}
