package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A mount without an upper, or with {@code ro}, changes nothing. */
class ReadOnlyTest extends UnionTest {
  private static void fill(Union union) {
    union.lower(0).write("d/top", "top");
    union.lower(1).write("d/bottom", "bottom");
    ok(union.lower(1).symlink("top", "d/link"));
    union.lower(1).directory("empty");
  }

  private static void everyChangeIsRefused(Tree merged) {
    assertEquals(List.of("bottom", "link", "top"), merged.list("d"));
    assertEquals("bottom", merged.read("d/bottom"));
    refused(Errno.EROFS, merged.open("d/bottom", OpenFlags.O_WRONLY));
    refused(Errno.EROFS, merged.open("d/bottom", OpenFlags.O_RDWR));
    refused(Errno.EROFS, merged.open("d/bottom", OpenFlags.O_RDONLY | OpenFlags.O_TRUNC));
    refused(Errno.EROFS, merged.open("d/new", OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0644));
    refused(Errno.EROFS, merged.mkdir("d/new", 0755));
    refused(Errno.EROFS, merged.mknod("d/new", Mode.S_IFIFO | 0644, 0));
    refused(Errno.EROFS, merged.symlink("x", "d/new"));
    refused(Errno.EROFS, merged.link("d/top", "d/new"));
    refused(Errno.EROFS, merged.unlink("d/top"));
    refused(Errno.EROFS, merged.rmdir("empty"));
    refused(Errno.EROFS, merged.rename("d/top", "d/new"));
    refused(Errno.EROFS, merged.chmod("d/top", 0600));
    refused(Errno.EROFS, merged.chown("d/link", 1, 1));
    refused(Errno.EROFS, merged.utimens("d/top", 1, 1));
    refused(Errno.EROFS, merged.setxattr("d/top", "user.x", "y"));
    refused(Errno.EROFS, merged.removexattr("d/top", "user.x"));
    assertEquals(List.of("bottom", "link", "top"), merged.list("d"));
  }

  @Test
  void mountWithoutUpperIsReadOnly() {
    try (Union union = Union.readOnly(mounter, 2)) {
      fill(union);
      union.mount();
      everyChangeIsRefused(union.merged());
    }
  }

  @Test
  void readOnlyMountWithUpperShowsTheUpper() {
    try (Union union = Union.writable(mounter, 2)) {
      fill(union);
      union.upper().write("in-upper", "upper");
      union.mount("ro");
      everyChangeIsRefused(union.merged());
      assertEquals("upper", union.merged().read("in-upper"));
    }
  }

  /** As overlayfs does it, which says so in the kernel's log. */
  @Test
  void upperWithoutRoomForTheWorkDirectoryIsMountedReadOnly() {
    try (Union union = Union.withFewInodes(mounter, 2)) {
      fill(union);
      // Not in a directory: overlayfs cannot look a merged one up without writing to the upper.
      union.lower().write("in-both", "lower");
      union.upper().write("in-both", "upper");
      union.upper().write("in-upper", "upper");
      Tree place = new Tree(union.sandbox().root() + "/small");
      int result = 0;
      for (int i = 0; result == 0; i++) {
        result = place.mknod("filler" + i, Mode.S_IFREG | 0644, 0);
      }
      refused(Errno.ENOSPC, result);
      union.mount();
      everyChangeIsRefused(union.merged());
      assertEquals("upper", union.merged().read("in-upper"));
      assertEquals("upper", union.merged().read("in-both"));
      refused(Errno.EROFS, union.merged().open("in-upper", OpenFlags.O_RDWR));
      assertEquals(List.of(), union.work().list(""));
      union.unmount();
      if (mounter.isLamina()) {
        String point = union.mountPoint().toString();
        Commands.Result again = Lamina.mount(mounter, "-o", union.layers().options(), point);
        assertEquals(
            "lamina: work directory "
                + union.work()
                + ": no space left on device; mounting read-only\n",
            again.succeed().err());
        union.unmount();
      }
      for (int i = 0; i < 20; i++) {
        ok(place.unlink("filler" + i));
      }
      union.mount();
      ok(union.merged().unlink("in-upper"));
    }
  }
}
