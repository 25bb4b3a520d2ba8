package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static dev.lamina.fuse.libfuse.MirrorMount.ok;
import static dev.lamina.fuse.libfuse.MirrorMount.pwrite;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import dev.lamina.testing.Commands;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests attributes that pass through the kernel and libfuse to a file system and back, and the
 * kernel's caches of them.
 */
class TransportAttributesTest extends MirrorMountTest {
  @Test
  void hardLinksShareAttributesAndData() {
    mount.write("a", "aaaa");
    assertEquals(1, mount.stat("a").nlink);
    ok(Linux.linkat(mount.root, bytes("a"), mount.root, bytes("b")));
    assertEquals(2, mount.stat("a").nlink);
    assertEquals(2, mount.stat("b").nlink);
    assertEquals(mount.stat("a").ino, mount.stat("b").ino);
    ok(Linux.fchmodat(mount.root, bytes("a"), 0604));
    assertEquals(Mode.S_IFREG | 0604, mount.stat("b").mode);

    // With the same length and the old time only the transport can know that the data has changed.
    assertEquals("aaaa", mount.read("b"));
    Stat before = mount.stat("b");
    int fd = mount.open("a", OpenFlags.O_WRONLY);
    pwrite(fd, "bbbb", 0);
    Linux.close(fd);
    long seconds = before.mtimeSeconds;
    int nanos = before.mtimeNanos;
    ok(Linux.utimensat(mount.root, bytes("a"), seconds, nanos, seconds, nanos));
    assertEquals("bbbb", mount.read("b"));
    ok(Linux.unlinkat(mount.root, bytes("a"), 0));
    assertEquals(1, mount.stat("b").nlink);
    assertEquals("bbbb", mount.read("b"));
  }

  @Test
  void kernelAsksOnceForNamesAndAttributes() {
    ok(Linux.mkdirat(mount.root, bytes("d"), 0755));
    mount.write("d/f", "x");
    mount.stat("d/f");
    mount.statResult("d/none");
    long before = mount.fileSystem.lookups.get() + mount.fileSystem.getattrs.get();
    for (int i = 0; i < 10; i++) {
      assertEquals(1, mount.stat("d/f").size);
      assertEquals(-Errno.ENOENT, mount.statResult("d/none"));
    }
    assertEquals(before, mount.fileSystem.lookups.get() + mount.fileSystem.getattrs.get());
    ok(Linux.linkat(mount.root, bytes("d/f"), mount.root, bytes("d/g")));
    assertEquals(2, mount.stat("d/f").nlink);
    ok(Linux.fchmodat(mount.root, bytes("d/g"), 0600));
    assertEquals(Mode.S_IFREG | 0600, mount.stat("d/f").mode);
    ok(Linux.unlinkat(mount.root, bytes("d/f"), 0));
    assertEquals(1, mount.stat("d/g").nlink);
  }

  @Test
  void newObjectsGetUmaskAndSetgidFromTheCallerAndTheDirectory() {
    String script =
        "cd '"
            + mount.mountPoint()
            + "' && mkdir g && chgrp 1234 g && chmod 2777 g && cd g && "
            + "umask 027 && mkdir d && : > f && mknod p p && mknod c c 1 3 && umask 0 && : > o";
    Commands.run("sh", "-c", script).succeed();
    assertEquals(Mode.S_IFDIR | 02750, mount.stat("g/d").mode);
    assertEquals(Mode.S_IFREG | 0640, mount.stat("g/f").mode);
    assertEquals(Mode.S_IFIFO | 0640, mount.stat("g/p").mode);
    assertEquals(Mode.S_IFCHR | 0640, mount.stat("g/c").mode);
    assertEquals(Devices.make(1, 3), mount.stat("g/c").rdev);
    assertEquals(Mode.S_IFREG | 0666, mount.stat("g/o").mode);
    assertEquals(1234, mount.stat("g/f").gid);
  }

  @Test
  void callerOwnsWhatItMakes() {
    ok(Linux.fchmodat(mount.root, Linux.EMPTY, 0777));
    // A user other than the one that mounted has access, and permissions are checked.
    Commands.run("chmod", "755", mount.sandbox.root().toString()).succeed();
    String script = "cd '" + mount.mountPoint() + "' && : > f && mkdir d && ln -s f l";
    Commands.run("setpriv", "--reuid=1001", "--regid=1002", "--clear-groups", "sh", "-c", script)
        .succeed();
    for (String name : List.of("f", "d", "l")) {
      assertEquals(1001, mount.stat(name).uid);
      assertEquals(1002, mount.stat(name).gid);
    }
    ok(Linux.fchmodat(mount.root, bytes("f"), 0600));
    ok(Linux.fchownat(mount.root, bytes("f"), 0, -1));
    Commands.Result read =
        Commands.run(
            "setpriv",
            "--reuid=1001",
            "--regid=1002",
            "--clear-groups",
            "cat",
            mount.mountPoint() + "/f");
    assertNotEquals(0, read.status());
  }

  @Test
  void timesHaveNanosecondsAndMayBeLeftOut() {
    mount.write("f", "");
    ok(Linux.utimensat(mount.root, bytes("f"), 1, 123456789, 2, 987654321));
    Stat stat = mount.stat("f");
    assertEquals(1, stat.atimeSeconds);
    assertEquals(123456789, stat.atimeNanos);
    assertEquals(2, stat.mtimeSeconds);
    assertEquals(987654321, stat.mtimeNanos);
    ok(Linux.utimensat(mount.root, bytes("f"), 0, Linux.UTIME_OMIT, 0, Linux.UTIME_NOW));
    stat = mount.stat("f");
    assertEquals(1, stat.atimeSeconds);
    assertTrue(stat.mtimeSeconds > 1_000_000);
    ok(Linux.utimensat(mount.root, bytes("f"), -5, 7, 0, Linux.UTIME_OMIT));
    assertEquals(-5, mount.stat("f").atimeSeconds);
    ok(Linux.symlinkat(bytes("f"), mount.root, bytes("l")));
    ok(Linux.utimensat(mount.root, bytes("l"), 3, 0, 4, 0));
    assertEquals(4, mount.stat("l").mtimeSeconds);
  }

  @Test
  void xattrsAreBytes() {
    mount.write("f", "");
    byte[] name = bytes("user.\u00ff\u0001");
    byte[] value = {0, 1, (byte) 0xff};
    ok(Xattrs.set(mount.root, bytes("f"), name, value));
    ByteBuffer memory = ByteBuffer.allocateDirect(100);
    long address = Memory.address(memory);
    assertEquals(3, Xattrs.get(mount.root, bytes("f"), name, 0, 0));
    assertEquals(3, Xattrs.get(mount.root, bytes("f"), name, address, 100));
    byte[] read = new byte[3];
    memory.get(0, read);
    assertArrayEquals(value, read);
    assertEquals(-Errno.ERANGE, Xattrs.get(mount.root, bytes("f"), name, address, 2));
    int length = ok(Xattrs.list(mount.root, bytes("f"), address, 100));
    byte[] list = new byte[length];
    memory.get(0, list);
    assertArrayEquals(Arrays.copyOf(name, name.length + 1), list);
    assertEquals(
        -Errno.EEXIST, Xattrs.set(mount.root, bytes("f"), name, address, 1, Xattrs.XATTR_CREATE));
    ok(Xattrs.remove(mount.root, bytes("f"), name));
    assertEquals(-Errno.ENODATA, Xattrs.get(mount.root, bytes("f"), name, 0, 0));
  }

  @Test
  void fileSystemIsDescribed() {
    FileSystemStat stat = new FileSystemStat();
    ok(Linux.fstatfs(mount.root, stat));
    FileSystemStat backing = new FileSystemStat();
    int fd = ok(Linux.openat(Linux.AT_FDCWD, bytes("" + mount.backing), OpenFlags.O_PATH, 0));
    ok(Linux.fstatfs(fd, backing));
    Linux.close(fd);
    assertEquals(FileSystemStat.FUSE_MAGIC, stat.type);
    assertEquals(backing.blocks, stat.blocks);
    assertEquals(backing.blockSize, stat.blockSize);
    assertEquals(backing.files, stat.files);
    assertEquals(255, stat.nameLength);
  }
}
