package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests mount and umount2 with a tmpfs. */
class MountsTest {
  private static final byte[] TMPFS = bytes("tmpfs");
  private static final int TMPFS_MAGIC = 0x01021994;

  private final Workspace work = new Workspace();
  private byte[] point;

  @BeforeEach
  void makeMountPoint() {
    must(Linux.mkdirat(work.dir, bytes("m"), 0700));
    point = bytes(work.root() + "/m");
  }

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void aTmpfsIsMountedWithItsOptionsAndUnmounted() {
    long outside = work.stat(".").dev;
    long flags = Mounts.MS_NODEV | Mounts.MS_NOSUID;
    assertEquals(0, Mounts.mount(bytes("a source"), point, TMPFS, flags, bytes("mode=01770")));
    assertEquals(Mode.S_IFDIR | 01770, work.stat("m").mode);
    assertNotEquals(outside, work.stat("m").dev);
    FileSystemStat stat = new FileSystemStat();
    int fd = work.open("m", OpenFlags.O_PATH);
    assertEquals(0, Linux.fstatfs(fd, stat));
    assertEquals(TMPFS_MAGIC, stat.type);
    assertEquals(-Errno.EBUSY, Mounts.umount2(point, 0));
    assertEquals(0, Mounts.umount2(point, Mounts.MNT_DETACH));
    Linux.close(fd);
    assertEquals(outside, work.stat("m").dev);
    assertEquals(-Errno.EINVAL, Mounts.umount2(point, 0));
  }

  @Test
  void aReadOnlyMountIsOne() {
    assertEquals(0, Mounts.mount(TMPFS, point, TMPFS, Mounts.MS_RDONLY, bytes("")));
    byte[] name = bytes("m/f");
    assertEquals(-Errno.EROFS, Linux.openat(work.dir, name, OpenFlags.O_CREAT, 0600));
    assertEquals(0, Mounts.mount(TMPFS, point, TMPFS, Mounts.MS_REMOUNT, bytes("")));
    work.write("m/f", "x");
    assertEquals(0, Mounts.umount2(point, 0));
  }

  @Test
  void aBindMountShowsTheSource() {
    work.write("f", "x");
    byte[] none = bytes("none");
    assertEquals(0, Mounts.mount(bytes("" + work.root()), point, none, Mounts.MS_BIND, none));
    assertEquals(work.stat("f").ino, work.stat("m/f").ino);
    assertEquals(0, Mounts.umount2(point, 0));
  }

  @Test
  void nothingIsWrittenThroughAProtectedCopy() {
    work.write("f", "x");
    int tree = must(Linux.cloneTree(work.dir));
    assertEquals(0, Mounts.protect(tree));
    int flags = OpenFlags.O_CREAT | OpenFlags.O_RDWR;
    assertEquals(-Errno.EROFS, Linux.openat(tree, bytes("new"), flags, 0600));
    assertEquals(-Errno.EROFS, Linux.openat(tree, bytes("f"), OpenFlags.O_RDWR, 0));
    Linux.close(must(Linux.openat(tree, bytes("f"), OpenFlags.O_RDONLY, 0)));
    Linux.close(tree);
    // The original mount is unchanged.
    work.write("f", "y");
  }

  @Test
  void aLinkIsNotUnmountedThrough() {
    assertEquals(0, Mounts.mount(TMPFS, point, TMPFS, 0, bytes("")));
    must(Linux.symlinkat(bytes("m"), work.dir, bytes("link")));
    byte[] link = bytes(work.root() + "/link");
    assertEquals(-Errno.EINVAL, Mounts.umount2(link, Mounts.UMOUNT_NOFOLLOW));
    assertEquals(0, Mounts.umount2(link, 0));
  }

  @Test
  void errorsComeBack() {
    assertEquals(-Errno.ENODEV, Mounts.mount(TMPFS, point, bytes("no such type"), 0, bytes("")));
    byte[] nowhere = bytes(work.root() + "/nowhere");
    assertEquals(-Errno.ENOENT, Mounts.mount(TMPFS, nowhere, TMPFS, 0, bytes("")));
    assertEquals(-Errno.EINVAL, Mounts.mount(TMPFS, point, TMPFS, 0, bytes("no_such_option")));
    assertEquals(-Errno.ENOENT, Mounts.umount2(nowhere, 0));
    byte[] tooLong = bytes("x".repeat(5000));

    assertEquals(-Errno.ENAMETOOLONG, Mounts.umount2(tooLong, 0));
  }
}
