package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static dev.lamina.fuse.libfuse.MirrorMount.ok;
import static dev.lamina.fuse.libfuse.MirrorMount.pread;
import static dev.lamina.fuse.libfuse.MirrorMount.pwrite;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.RecordLock;
import dev.lamina.sys.Xattrs;
import org.junit.jupiter.api.Test;

/**
 * Tests operations on open files that pass through the kernel and libfuse to a file system and
 * back.
 */
class TransportFilesTest extends MirrorMountTest {
  @Test
  void failureOfTheFileSystemIsEioAndTheMountLives() {
    mount.write("f", "x");
    for (int i = 0; i < 3; i++) {
      assertEquals(-Errno.EIO, Xattrs.get(mount.root, bytes("f"), MirrorFileSystem.THROWING, 0, 0));
    }
    assertEquals("x", mount.read("f"));
  }

  @Test
  void openIsToldToTruncate() {
    mount.write("f", "0123456789");
    int fd = mount.open("f", OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
    assertTrue((mount.fileSystem.lastOpenFlags & OpenFlags.O_TRUNC) != 0);
    assertEquals(0, mount.stat("f").size);
    Linux.close(fd);
  }

  @Test
  void dataGoesThroughWhole() {
    String text = "0123456789abcdef".repeat(40_000);
    int fd = mount.open("f", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    pwrite(fd, text, 3);
    ok(Linux.fsync(fd));
    ok(Linux.fdatasync(fd));
    assertEquals(text, pread(fd, text.length(), 3));
    ok(Linux.fallocate(fd, 0, 0, 1 << 20));
    assertEquals(1 << 20, mount.stat("f").size);
    ok(Linux.fallocate(fd, Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE, 0, 4096));
    assertEquals("\0", pread(fd, 1, 100));
    Linux.close(fd);
    fd = mount.open("f", OpenFlags.O_RDONLY);
    assertEquals(text.substring(4096), pread(fd, text.length() - 4096, 4099));
    Linux.close(fd);
    int directory = mount.open(".", OpenFlags.O_DIRECTORY);
    ok(Linux.fsync(directory));
    Linux.close(directory);
  }

  @Test
  void locksAreTheKernels() {
    int fd = mount.open("f", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    int other = mount.open("f", OpenFlags.O_RDWR);
    ok(Linux.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB));
    assertEquals(-Errno.EAGAIN, Linux.flock(other, Linux.LOCK_EX | Linux.LOCK_NB));
    RecordLock lock = new RecordLock();
    lock.type = Linux.F_WRLCK;
    ok(Linux.fcntlLock(fd, Linux.F_SETLK, lock));
    Linux.close(fd);
    Linux.close(other);
  }
}
