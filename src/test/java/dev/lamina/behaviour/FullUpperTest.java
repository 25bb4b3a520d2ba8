package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An upper without room: what needs some says so, the rest goes on, and nothing gets lost. */
@Tag("one-jdk")
class FullUpperTest extends UnionTest {
  private static final int MIB = 1 << 20;
  private static final String BLOCK = "x".repeat(4096);

  private Union small() {
    Union union = Union.withSmallUpper(mounter, 1, 1);
    Tree lower = union.lower();
    lower.write("d/large", "l".repeat(2 * MIB));
    lower.write("d/page", BLOCK);
    lower.write("d/doomed", "doomed");
    lower.write("d/sub/doomed", "doomed");
    lower.write("kept", "lower");
    return union.mount();
  }

  /** Writes until nothing more fits. */
  private static void fill(Tree merged) {
    int fd = ok(merged.open("filler", OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0644));
    long size = 0;
    int result = ok(Tree.tryPwrite(fd, BLOCK, 0));
    while (result > 0) {
      size += result;
      result = Tree.tryPwrite(fd, BLOCK, size);
    }
    refused(Errno.ENOSPC, result);
    ok(Linux.close(fd));
    assertTrue(size > MIB / 2, "only " + size + " bytes fit");
    assertEquals(size, merged.stat("filler").size);
  }

  @Test
  void fullUpperRefusesWritesAndCopies() {
    try (Union union = small()) {
      Tree merged = union.merged();
      merged.append("kept", " and upper");
      ok(merged.mkdir("d/made", 0755));
      fill(merged);
      Map<String, String> before = Snapshot.of(merged.at("d"));
      Map<String, String> lower = Snapshot.exact(union.lower());
      refused(Errno.ENOSPC, merged.open("d/page", OpenFlags.O_RDWR));
      refused(Errno.ENOSPC, merged.open("d/large", OpenFlags.O_RDWR));
      refused(Errno.ENOSPC, merged.truncate("d/large", MIB));
      if (!mounter.writesMetacopies()) {
        // Without data, which such a copy does not need, there would be room.
        refused(Errno.ENOSPC, merged.rename("d/page", "d/other"));
        refused(Errno.ENOSPC, merged.link("d/page", "d/other"));
      }
      int fd = ok(merged.open("kept", OpenFlags.O_WRONLY));
      refused(Errno.ENOSPC, Tree.tryPwrite(fd, BLOCK, BLOCK.length()));
      ok(Linux.close(fd));
      Snapshot.assertSame("what is seen", before, Snapshot.of(merged.at("d")));
      assertEquals("lower and upper", merged.read("kept"));
      Snapshot.assertSame("the lower layer", lower, Snapshot.exact(union.lower()));
    }
  }

  @Test
  void deletionsWorkOnAFullUpperAndMakeRoom() {
    try (Union union = small()) {
      Tree merged = union.merged();
      merged.append("kept", " and upper");
      fill(merged);
      ok(merged.unlink("d/doomed"));
      ok(merged.unlink("d/sub/doomed"));
      ok(merged.rmdir("d/sub"));
      assertEquals(List.of("large", "page"), merged.list("d"));
      refused(Errno.ENOSPC, merged.open("d/page", OpenFlags.O_RDWR));
      ok(merged.unlink("filler"));
      merged.append("d/page", "!");
      assertEquals(BLOCK + "!", merged.read("d/page"));
      assertEquals("lower and upper", merged.read("kept"));
      union.remount();
      assertEquals(BLOCK + "!", merged.read("d/page"));
      assertEquals("lower and upper", merged.read("kept"));
      assertFalse(merged.exists("d/doomed") || merged.exists("d/sub"));
    }
  }

  /** The kernel tells the daemon late that a deleted file is not used any more. */
  @Test
  void whatADeletedFileTookIsThereForTheNextCopy() {
    try (Union union = small()) {
      Tree merged = union.merged();
      for (int i = 0; i < 50; i++) {
        union.lower().write("fresh" + i, BLOCK);
      }
      union.remount();
      for (int i = 0; i < 50; i++) {
        fill(merged);
        ok(merged.unlink("filler"));
        merged.append("fresh" + i, "!");
      }
    }
  }

  @Test
  void mountOfAFullUpperServes() {
    try (Union union = small()) {
      fill(union.merged());
      union.remount();
      assertEquals(2 * MIB, union.merged().stat("d/large").size);
      ok(union.merged().unlink("filler"));
      union.merged().write("new", BLOCK);
      assertEquals(BLOCK, union.merged().read("new"));
    }
  }
}
