package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Getdents;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Directories of many entries, merged of two layers. */
@Tag("one-jdk")
class LargeDirectoryTest extends UnionTest {
  private static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

  /** Half of the names in each layer; the top one also hides every tenth of the lower half. */
  private static void fill(Union union, String directory, int count) {
    for (int layer = 0; layer < 2; layer++) {
      int fd = ok(union.lower(layer).directory(directory).open("", DIRECTORY));
      for (int i = layer; i < count; i += 2) {
        ok(Linux.mknodat(fd, bytes("entry number " + i), Mode.S_IFREG | 0644, 0));
        if (layer == 0 && i % 10 == 0) {
          ok(Linux.mknodat(fd, bytes("entry number " + (i + 1)), Mode.S_IFCHR, 0));
        }
      }
      ok(Linux.close(fd));
    }
  }

  private static Getdents assertComplete(Tree merged, String directory, int count) {
    Getdents listing = merged.getdents(directory);
    Set<String> names = new HashSet<>();
    for (Getdents.Entry entry : listing.entries()) {
      assertTrue(names.add(entry.name()), "twice: " + entry.name());
      assertTrue(entry.ino() != 0, entry.name());
    }
    assertEquals(count - count / 10 + 2, names.size());
    for (int i = 0; i < count; i++) {
      assertEquals(i % 10 != 1, names.contains("entry number " + i), "entry number " + i);
    }
    return listing;
  }

  @Test
  void hundredThousandEntriesListCompletely() {
    try (Union union = Union.writable(mounter, 2)) {
      for (int i = 0; i < 2; i++) {
        // In memory, where so many files are made quickly.
        Commands.run("mount", "-t", "tmpfs", "tmpfs", union.lower(i).string("")).succeed();
      }
      fill(union, "large", 100_000);
      fill(union, "half", 50_000);
      union.mount();
      int half = assertComplete(union.merged(), "half", 50_000).calls();
      int all = assertComplete(union.merged(), "large", 100_000).calls();
      assertTrue(all <= 2.2 * half + 2, all + " calls for twice the entries of " + half);
      ok(union.merged().unlink("large/entry number 50000"));
      assertEquals(90_000 - 1 + 2, union.merged().getdents("large").entries().size());
      // A second listing, of what the kernel may have cached.
      assertComplete(union.merged(), "half", 50_000);
    }
  }

  @Test
  void rewindingListsWhatIsNew() {
    try (Union union = Union.writable(mounter, 2)) {
      fill(union, "d", 20);
      union.mount();
      Tree merged = union.merged();
      int fd = ok(merged.open("d", DIRECTORY));
      assertEquals(20, Getdents.readAll(fd).entries().size());
      assertEquals(0, Getdents.readAll(fd).entries().size());
      merged.write("d/new", "new");
      ok(merged.unlink("d/entry number 3"));
      ok(Linux.lseek(fd, 0, Linux.SEEK_SET));
      List<String> names =
          Getdents.readAll(fd).entries().stream().map(Getdents.Entry::name).toList();
      assertTrue(names.contains("new"));
      assertTrue(!names.contains("entry number 3"));
      assertEquals(20, names.size());
      ok(Linux.close(fd));
    }
  }

  /** rm reads a part of the directory and removes it before it reads on. */
  @Test
  void directoryCanBeRemovedWhileItIsRead() {
    try (Union union = Union.writable(mounter, 2)) {
      fill(union, "d", 5_000);
      union.mount();
      Commands.run("rm", "-r", union.merged().string("d")).succeed();
      assertEquals(List.of(), union.merged().list(""));
      ok(union.merged().mkdir("d", 0755));
      assertEquals(List.of(), union.merged().list("d"));
    }
  }
}
