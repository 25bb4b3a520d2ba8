package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static dev.lamina.fuse.libfuse.MirrorMount.ok;
import static dev.lamina.fuse.libfuse.MirrorMount.pread;
import static dev.lamina.fuse.libfuse.MirrorMount.pwrite;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Commands;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests open files whose name is removed, which libfuse 2 hides. */
class TransportLostNamesTest extends MirrorMountTest {
  @Test
  void openFileOutlivesItsName() {
    ok(Linux.mkdirat(mount.root, bytes("d"), 0755));
    mount.write("d/f", "0123456789");
    int fd = mount.open("d/f", OpenFlags.O_RDWR);
    ok(Linux.unlinkat(mount.root, bytes("d/f"), 0));
    assertEquals(-Errno.ENOENT, mount.statResult("d/f"));
    assertEquals(Set.of(), mount.names("d"));
    assertEquals("", Commands.run("ls", "-A", mount.backing + "/d").succeed().out());

    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    assertEquals(0, stat.nlink);
    assertEquals(10, stat.size);
    ok(Linux.fchmod(fd, 0600));
    ok(Linux.ftruncate(fd, 5));
    pwrite(fd, "ab", 0);
    assertEquals("ab234", pread(fd, 100, 0));
    int again = ok(Linux.reopen(fd, OpenFlags.O_RDONLY));
    Linux.close(fd);
    assertEquals("ab234", pread(again, 100, 0));
    ok(Linux.fstat(again, stat));
    assertEquals(Mode.S_IFREG | 0600, stat.mode);
    ok(Linux.unlinkat(mount.root, bytes("d"), Linux.AT_REMOVEDIR));
    assertEquals("ab234", pread(again, 100, 0));
    Linux.close(again);
  }

  @Test
  void openFileKeepsCountOfItsOtherNames() {
    mount.write("a", "x");
    ok(Linux.linkat(mount.root, bytes("a"), mount.root, bytes("b")));
    ok(Linux.linkat(mount.root, bytes("a"), mount.root, bytes("c")));
    int fd = mount.open("a", OpenFlags.O_RDONLY);
    ok(Linux.unlinkat(mount.root, bytes("a"), 0));
    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    assertEquals(2, stat.nlink);
    assertEquals(2, mount.stat("b").nlink);
    Linux.close(fd);
    assertEquals(2, mount.stat("b").nlink);
  }

  @Test
  void renameReplacesAnOpenFile() {
    mount.write("new", "new");
    mount.write("old", "old");
    int fd = mount.open("old", OpenFlags.O_RDONLY);
    ok(Linux.renameat2(mount.root, bytes("new"), mount.root, bytes("old"), 0));
    assertEquals("new", mount.read("old"));
    assertEquals("old", pread(fd, 100, 0));
    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    assertEquals(0, stat.nlink);
    assertEquals(Set.of("old"), mount.names("."));
    Linux.close(fd);
    assertEquals("new", mount.read("old"));
  }

  @Test
  void failedRenameLeavesTheOpenFileInPlace() {
    mount.write("new", "new");
    mount.write("old", "old");
    int fd = mount.open("old", OpenFlags.O_RDONLY);
    mount.fileSystem.renameFailure = Errno.ENOSPC;
    assertEquals(
        -Errno.ENOSPC, Linux.renameat2(mount.root, bytes("new"), mount.root, bytes("old"), 0));
    mount.fileSystem.renameFailure = 0;
    assertEquals(Set.of("new", "old"), mount.names("."));
    assertEquals("old", mount.read("old"));
    Linux.close(fd);
    assertEquals("old", mount.read("old"));
    assertEquals(1, mount.stat("old").nlink);
    ok(Linux.renameat2(mount.root, bytes("new"), mount.root, bytes("old"), 0));
    assertEquals("new", mount.read("old"));
  }

  @Test
  void hiddenNamesCannotBeGuessed() {
    mount.write("f", "x");
    int fd = mount.open("f", OpenFlags.O_RDONLY);
    ok(Linux.unlinkat(mount.root, bytes("f"), 0));
    for (int node = 1; node < 10; node++) {
      for (int number = 0; number < 5; number++) {
        String hidden = String.format(".fuse_hidden%08x%08x", node, number);
        assertEquals(-Errno.ENOENT, mount.statResult(hidden));
      }
    }
    Linux.close(fd);
    mount.write(".fuse_hidden0000000200000001", "mine");
    ok(
        Linux.renameat2(
            mount.root,
            bytes(".fuse_hidden0000000200000001"),
            mount.root,
            bytes(".fuse_hidden0000000200000002"),
            0));
    assertEquals("mine", mount.read(".fuse_hidden0000000200000002"));
    ok(Linux.unlinkat(mount.root, bytes(".fuse_hidden0000000200000002"), 0));
    assertEquals(Set.of(), mount.names("."));
  }

  @Test
  void openFileAndItsOtherNameShareAttributes() {
    mount.write("a", "x");
    int fd = mount.open("a", OpenFlags.O_RDONLY);
    ok(Linux.linkat(mount.root, bytes("a"), mount.root, bytes("b")));
    ok(Linux.unlinkat(mount.root, bytes("a"), 0));
    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    assertEquals(1, stat.nlink);
    ok(Linux.fchmodat(mount.root, bytes("b"), 0601));
    ok(Linux.fstat(fd, stat));
    assertEquals(Mode.S_IFREG | 0601, stat.mode);
    ok(Linux.unlinkat(mount.root, bytes("b"), 0));
    ok(Linux.fstat(fd, stat));
    assertEquals(0, stat.nlink);
    Linux.close(fd);
  }
}
