package dev.lamina.sys;

import static dev.lamina.sys.Workspace.RAW_NAME;
import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests calls that create, find, change and remove names. */
class NamesTest {
  private static final int CREATE = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY;

  private final Workspace work = new Workspace();

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void openMakesAFileWithModeAndCloseOnExec() {
    int fd = must(Linux.openat(work.dir, bytes("f"), CREATE, 0600));
    assertEquals(Linux.FD_CLOEXEC, Linux.fcntl(fd, Linux.F_GETFD, 0));
    assertEquals(0, Linux.close(fd));
    assertEquals(-Errno.EBADF, Linux.close(fd));
    assertEquals(Mode.S_IFREG | 0600, work.stat("f").mode);
    assertEquals(-Errno.EEXIST, Linux.openat(work.dir, bytes("f"), CREATE, 0600));
    assertEquals(-Errno.ENOENT, Linux.openat(work.dir, bytes("g"), OpenFlags.O_RDONLY, 0));
    assertEquals(-Errno.ENOTDIR, Linux.openat(work.dir, bytes("f/x"), OpenFlags.O_RDONLY, 0));
    assertEquals(-Errno.EBADF, Linux.openat(-1, bytes("f"), OpenFlags.O_RDONLY, 0));
  }

  @Test
  void namesAreBytes() {
    must(Linux.close(must(Linux.openat(work.dir, RAW_NAME, CREATE, 0600))));
    DirectoryReader reader = new DirectoryReader();
    int fd = Linux.reopen(work.dir, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    reader.start(fd);
    assertEquals(1, reader.next());
    assertArrayEquals(RAW_NAME, reader.name());
    assertEquals(0, reader.next());
    Linux.close(fd);

    assertEquals(0, Linux.symlinkat(RAW_NAME, work.dir, bytes("link")));
    assertEquals(RAW_NAME.length, Linux.readlinkat(work.dir, bytes("link"), work.memory, 100));
    assertArrayEquals(RAW_NAME, bytes(work.text(RAW_NAME.length)));
    assertEquals(0, Linux.renameat2(work.dir, RAW_NAME, work.dir, bytes("plain"), 0));
    assertEquals(0, Linux.linkat(work.dir, bytes("plain"), work.dir, RAW_NAME));
    assertEquals(0, Linux.unlinkat(work.dir, RAW_NAME, 0));
    assertEquals(-Errno.ENOENT, Linux.unlinkat(work.dir, RAW_NAME, 0));
  }

  /**
   * Tests every call with a name: one of 255 bytes works or is not found, a longer one is
   * ENAMETOOLONG.
   */
  @Test
  void namesAreLimitedByTheFileSystemAndNotByUs() {
    byte[] there = bytes("there");
    work.write("there", "x");
    assertLimits(n -> closed(Linux.openat(work.dir, n, CREATE, 0600)), 0);
    assertLimits(n -> closed(Linux.openat2(work.dir, n, CREATE, 0600, 0)), 0);
    assertLimits(n -> Linux.mkdirat(work.dir, n, 0700), 0);
    assertLimits(n -> Linux.mknodat(work.dir, n, Mode.S_IFIFO | 0600, 0), 0);
    assertLimits(n -> Linux.symlinkat(there, work.dir, n), 0);
    assertLimits(n -> Linux.linkat(work.dir, there, work.dir, n), 0);
    assertLimits(n -> Linux.linkat(work.dir, n, work.dir, bytes("x")), -Errno.ENOENT);
    assertLimits(n -> Linux.renameat2(work.dir, n, work.dir, bytes("x"), 0), -Errno.ENOENT);
    assertLimits(n -> Linux.renameat2(work.dir, there, work.dir, n, 0), 0);
    assertLimits(n -> Linux.unlinkat(work.dir, n, 0), -Errno.ENOENT);
    assertLimits(n -> Linux.statx(work.dir, n, new Stat()), -Errno.ENOENT);
    assertLimits(n -> Linux.fchmodat(work.dir, n, 0600), -Errno.ENOENT);
    assertLimits(n -> Linux.fchownat(work.dir, n, 0, 0), -Errno.ENOENT);
    assertLimits(n -> Linux.utimensat(work.dir, n, 0, 0, 0, 0), -Errno.ENOENT);
    assertLimits(n -> Linux.readlinkat(work.dir, n, work.memory, 100), -Errno.ENOENT);
    byte[] attribute = bytes("user.a");
    assertLimits(n -> Xattrs.get(work.dir, n, attribute, work.memory, 9), -Errno.ENOENT);
    assertLimits(n -> Xattrs.set(work.dir, n, attribute, attribute), -Errno.ENOENT);
    assertLimits(n -> Xattrs.list(work.dir, n, work.memory, 9), -Errno.ENOENT);
    assertLimits(n -> Xattrs.remove(work.dir, n, attribute), -Errno.ENOENT);
  }

  private void assertLimits(ToIntFunction<byte[]> call, int atMost) {
    assertEquals(atMost, call.applyAsInt(bytes("n".repeat(255))));
    Linux.unlinkat(work.dir, bytes("n".repeat(255)), 0);
    Linux.unlinkat(work.dir, bytes("n".repeat(255)), Linux.AT_REMOVEDIR);
    work.write("there", "x");
    for (int length : new int[] {256, 4094, 4095, 4096, 4097, 10_000}) {
      assertEquals(-Errno.ENAMETOOLONG, call.applyAsInt(bytes("n".repeat(length))), "" + length);
    }
  }

  private static int closed(int fd) {
    return fd < 0 ? fd : Linux.close(fd);
  }

  @Test
  void aSymbolicLinkIsNeverFollowed() {
    byte[] link = bytes("link");
    work.write("target", "x");
    assertEquals(0, Linux.symlinkat(bytes("target"), work.dir, link));
    assertTrue(work.stat("link").isSymlink());
    int nofollow = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW;
    assertEquals(-Errno.ELOOP, Linux.openat(work.dir, link, nofollow, 0));
    assertEquals(0, Linux.linkat(work.dir, link, work.dir, bytes("second")));
    assertTrue(work.stat("second").isSymlink());
    assertEquals(2, work.stat("link").nlink);
    assertEquals(1, work.stat("target").nlink);
  }

  @Test
  void anEmptyNameReadsTheLinkBehindADescriptor() {
    assertEquals(0, Linux.symlinkat(bytes("target"), work.dir, bytes("link")));
    int fd = work.open("link", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    assertEquals(6, Linux.readlinkat(fd, Linux.EMPTY, work.memory, 100));
    assertEquals("target", work.text(6));
    assertEquals(3, Linux.readlinkat(fd, Linux.EMPTY, work.memory, 3));
    assertEquals(-Errno.ELOOP, Linux.reopen(fd, OpenFlags.O_RDONLY));
    Linux.close(fd);
    work.write("file", "x");
    assertEquals(-Errno.EINVAL, Linux.readlinkat(work.dir, bytes("file"), work.memory, 100));
  }

  @Test
  void aLinkTargetMayBeAsLongAsAPath() {
    assertEquals(0, Linux.symlinkat(bytes("t".repeat(4095)), work.dir, bytes("link")));
    assertEquals(4095, Linux.readlinkat(work.dir, bytes("link"), work.memory, 8192));
    byte[] tooLong = bytes("t".repeat(4096));
    assertEquals(-Errno.ENAMETOOLONG, Linux.symlinkat(tooLong, work.dir, bytes("link2")));
  }

  @Test
  void reopenTurnsAPathDescriptorIntoOneThatReads() {
    work.write("f", "content");
    int path = work.open("f", OpenFlags.O_PATH);
    assertEquals(-Errno.EBADF, Linux.pread(path, work.memory, 10, 0));
    assertEquals(OpenFlags.O_PATH, Linux.fgetFlags(path) & OpenFlags.O_PATH);
    int fd = must(Linux.reopen(path, OpenFlags.O_RDWR));
    assertEquals(7, Linux.pread(fd, work.memory, 10, 0));
    assertEquals(OpenFlags.O_RDWR, Linux.fgetFlags(fd) & OpenFlags.O_ACCMODE);
    assertEquals(Linux.FD_CLOEXEC, Linux.fcntl(fd, Linux.F_GETFD, 0));
    Linux.close(fd);
    Linux.close(path);
    assertEquals(-Errno.ENOENT, Linux.reopen(path, OpenFlags.O_RDONLY));
    assertEquals(-Errno.ENOENT, Linux.reopen(Linux.AT_FDCWD, OpenFlags.O_RDONLY));
    assertEquals(-Errno.EBADF, Linux.fgetFlags(path));
  }

  @Test
  void dup3TakesTheNumberGiven() {
    work.write("f", "content");
    int fd = work.open("f", OpenFlags.O_RDONLY);
    int other = work.open("f", OpenFlags.O_RDONLY);
    assertEquals(other, Linux.dup3(fd, other, OpenFlags.O_CLOEXEC));
    assertEquals(-Errno.EINVAL, Linux.dup3(fd, fd, 0));
    must(Linux.close(fd));
    assertEquals(7, Linux.pread(other, work.memory, 10, 0));
    must(Linux.close(other));
    assertEquals(-Errno.EBADF, Linux.dup3(fd, other, 0));
  }

  @Test
  void anUnnamedFileGetsAName() {
    int fd = must(Linux.openat(work.dir, bytes("."), OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 0640));
    Memory.putByte(work.memory, (byte) 'x');
    assertEquals(1, Linux.pwrite(fd, work.memory, 1, 0));
    Stat stat = new Stat();
    assertEquals(0, Linux.fstat(fd, stat));
    assertEquals(0, stat.nlink);
    assertEquals(0, Linux.linkDescriptor(fd, work.dir, bytes("named")));
    assertEquals(-Errno.EEXIST, Linux.linkDescriptor(fd, work.dir, bytes("named")));
    Linux.close(fd);
    assertEquals("x", work.read("named"));
    assertEquals(1, work.stat("named").nlink);
  }

  @Test
  void renameFlags() {
    byte[] a = bytes("a");
    byte[] b = bytes("b");
    work.write("a", "A");
    work.write("b", "B");
    int noReplace = Linux.RENAME_NOREPLACE;
    assertEquals(-Errno.EEXIST, Linux.renameat2(work.dir, a, work.dir, b, noReplace));
    assertEquals(0, Linux.renameat2(work.dir, a, work.dir, b, Linux.RENAME_EXCHANGE));
    assertEquals("BA", work.read("a") + work.read("b"));
    byte[] none = bytes("none");
    assertEquals(
        -Errno.ENOENT, Linux.renameat2(work.dir, a, work.dir, none, Linux.RENAME_EXCHANGE));
    assertEquals(0, Linux.renameat2(work.dir, a, work.dir, b, Linux.RENAME_WHITEOUT));
    assertEquals("B", work.read("b"));
    assertEquals(Mode.S_IFCHR, work.stat("a").type());
    assertEquals(0, work.stat("a").rdev);
    int both = Linux.RENAME_EXCHANGE | Linux.RENAME_NOREPLACE;
    assertEquals(-Errno.EINVAL, Linux.renameat2(work.dir, a, work.dir, b, both));
  }

  @Test
  void directoriesAreRemovedAsDirectories() {
    byte[] d = bytes("d");
    assertEquals(0, Linux.mkdirat(work.dir, d, 01777));
    assertEquals(-Errno.EEXIST, Linux.mkdirat(work.dir, d, 0700));
    assertTrue(work.stat("d").isDirectory());
    assertEquals(-Errno.EISDIR, Linux.unlinkat(work.dir, d, 0));
    work.write("d/f", "x");
    assertEquals(-Errno.ENOTEMPTY, Linux.unlinkat(work.dir, d, Linux.AT_REMOVEDIR));
    assertEquals(0, Linux.unlinkat(work.dir, bytes("d/f"), 0));
    assertEquals(0, Linux.unlinkat(work.dir, d, Linux.AT_REMOVEDIR));
  }

  @Test
  void deviceNodesKeepTheirNumbers() {
    int mode = Mode.S_IFCHR | 0600;
    int[][] numbers = {{0, 0}, {1, 3}, {4095, 255}, {8, 256}, {259, 0xfffff}};
    for (int[] number : numbers) {
      long dev = Devices.make(number[0], number[1]);
      assertEquals(0, Linux.mknodat(work.dir, bytes("node"), mode, dev));
      assertEquals(dev, work.stat("node").rdev);
      assertEquals(mode, work.stat("node").mode);
      assertEquals(0, Linux.unlinkat(work.dir, bytes("node"), 0));
    }
    assertEquals(
        -Errno.EINVAL, Linux.mknodat(work.dir, bytes("node"), mode, Devices.make(4096, 0)));
    assertEquals(
        -Errno.EINVAL, Linux.mknodat(work.dir, bytes("node"), mode, Devices.make(1, 1 << 20)));
  }
}
