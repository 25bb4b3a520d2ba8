package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.pread;
import static dev.lamina.testing.Tree.pwrite;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Getdents;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Trees deeper than PATH_MAX, which no path names in one go. */
class DeepTreeTest extends UnionTest {
  private static final byte[] NAME = bytes("d".repeat(200));
  private static final int DEPTH = 60;
  private static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

  /** Goes down from a directory, making it first when asked to; the caller closes the bottom. */
  private static int descend(Tree tree, String start, boolean make) {
    int fd = ok(tree.open(start, DIRECTORY));
    for (int i = 0; i < DEPTH; i++) {
      if (make) {
        ok(Linux.mkdirat(fd, NAME, 0755));
      }
      int next = ok(Linux.openat(fd, NAME, DIRECTORY, 0));
      ok(Linux.close(fd));
      fd = next;
    }
    return fd;
  }

  private static void write(int directory, String name, String content) {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT;
    int fd = ok(Linux.openat(directory, bytes(name), flags, 0644));
    pwrite(fd, content, 0);
    ok(Linux.close(fd));
  }

  private static String read(int directory, String name) {
    int fd = ok(Linux.openat(directory, bytes(name), OpenFlags.O_RDONLY, 0));
    String content = pread(fd, 100, 0);
    ok(Linux.close(fd));
    return content;
  }

  private static List<String> list(int directory) {
    ok(Linux.lseek(directory, 0, Linux.SEEK_SET));
    return Getdents.readAll(directory).entries().stream()
        .map(Getdents.Entry::name)
        .sorted()
        .toList();
  }

  @Test
  void deepTreeIsMadeListedAndDeleted() {
    try (Union union = Union.writable(mounter, 1)) {
      union.mount();
      Tree merged = union.merged();
      merged.directory("deep");
      int bottom = descend(merged, "deep", true);
      write(bottom, "file", "at the bottom");
      ok(Linux.mkdirat(bottom, bytes("directory"), 0755));
      assertEquals(List.of(".", "..", "directory", "file"), list(bottom));
      assertEquals("at the bottom", read(bottom, "file"));
      ok(Linux.renameat2(bottom, bytes("file"), bottom, bytes("renamed"), 0));
      assertEquals("at the bottom", read(bottom, "renamed"));
      ok(Linux.close(bottom));
      Commands.run("rm", "-r", merged.string("deep")).succeed();
      assertEquals(List.of(), merged.list(""));
      union.unmount();
      assertEquals(List.of(), union.upper().list(""));
    }
  }

  @Test
  void deepLowerTreeIsReadAndChanged() {
    try (Union union = Union.writable(mounter, 2)) {
      for (int i = 0; i < 2; i++) {
        union.lower(i).directory("deep");
        int bottom = descend(union.lower(i), "deep", true);
        write(bottom, "file" + i, "lower " + i);
        ok(Linux.close(bottom));
      }
      union.mount();
      int bottom = descend(union.merged(), "deep", false);
      assertEquals(List.of(".", "..", "file0", "file1"), list(bottom));
      write(bottom, "file1", "UPPER");
      assertEquals("UPPER 1", read(bottom, "file1"));
      ok(Linux.unlinkat(bottom, bytes("file0"), 0));
      assertEquals(List.of(".", "..", "file1"), list(bottom));
      ok(Linux.close(bottom));
      union.remount();
      bottom = descend(union.merged(), "deep", false);
      assertEquals(List.of(".", "..", "file1"), list(bottom));
      assertEquals("UPPER 1", read(bottom, "file1"));
      ok(Linux.close(bottom));
      Commands.run("rm", "-r", union.merged().string("deep")).succeed();
      assertEquals(List.of(), union.merged().list(""));
    }
  }
}
