package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests statx, chmod, chown, utimens and statfs, by name and by descriptor. */
class AttributesTest {
  private final Workspace work = new Workspace();

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void statSaysWhatTheSystemsOwnCommandSays() throws Exception {
    work.write("f", "x".repeat(5000));
    assertEquals(0, Linux.linkat(work.dir, bytes("f"), work.dir, bytes("second")));
    must(Linux.fchownat(work.dir, bytes("f"), 70_000, 80_000));
    must(Linux.utimensat(work.dir, bytes("f"), 12, 123_456_789, 34, 999_999_999));
    must(Linux.mknodat(work.dir, bytes("n"), Mode.S_IFBLK | 0600, Devices.make(259, 1000)));
    must(Linux.symlinkat(bytes("somewhere"), work.dir, bytes("l")));
    for (String name : new String[] {"f", "n", "l", "."}) {
      Stat s = work.stat(name);
      String format = "%Hd,%Ld %i %f %h %u %g %Hr,%Lr %s %b %o %.X %.Y %.Z";
      String expected =
          Commands.run("stat", "-c", format, work.root().resolve(name).toString()).succeed().out();
      assertEquals(expected.strip(), describe(s));
    }
    assertEquals(999_999_999, work.stat("f").mtimeNanos);
    assertEquals(2, work.stat("f").nlink);
    assertEquals(Files.getAttribute(work.root(), "unix:dev"), work.stat(".").dev);
  }

  private static String describe(Stat s) {
    return String.format(
        "%d,%d %d %x %d %d %d %d,%d %d %d %d %d.%09d %d.%09d %d.%09d",
        Devices.major(s.dev),
        Devices.minor(s.dev),
        s.ino,
        s.mode,
        s.nlink,
        s.uid,
        s.gid,
        Devices.major(s.rdev),
        Devices.minor(s.rdev),
        s.size,
        s.blocks,
        s.blockSize,
        s.atimeSeconds,
        s.atimeNanos,
        s.mtimeSeconds,
        s.mtimeNanos,
        s.ctimeSeconds,
        s.ctimeNanos);
  }

  @Test
  void aStatIsReusedAndCopied() {
    work.write("f", "x");
    Stat stat = work.stat("f");
    Stat copy = new Stat();
    copy.set(stat);
    assertEquals(describe(stat), describe(copy));
    assertEquals(0, Linux.fstat(work.dir, stat));
    assertTrue(stat.isDirectory());
    assertTrue(copy.isRegular());
    assertEquals(-Errno.ENOENT, Linux.statx(work.dir, bytes("none"), copy));
    assertTrue(copy.isRegular());
  }

  @Test
  void aDescriptorIsStatWithItsFileGone() {
    work.write("f", "x");
    int fd = work.open("f", OpenFlags.O_PATH);
    must(Linux.unlinkat(work.dir, bytes("f"), 0));
    Stat stat = new Stat();
    assertEquals(0, Linux.fstat(fd, stat));
    assertEquals(0, stat.nlink);
    Linux.close(fd);
    assertEquals(-Errno.EBADF, Linux.fstat(fd, stat));
  }

  @Test
  void chmodByNameByPathDescriptorAndByDescriptor() {
    work.write("f", "x");
    assertEquals(0, Linux.fchmodat(work.dir, bytes("f"), 06755));
    assertEquals(Mode.S_IFREG | 06755, work.stat("f").mode);
    int path = work.open("f", OpenFlags.O_PATH);
    assertEquals(-Errno.EBADF, Linux.fchmod(path, 0600));
    assertEquals(0, Linux.fchmodat(path, Linux.EMPTY, 0));
    assertEquals(Mode.S_IFREG, work.stat("f").mode);
    Linux.close(path);
    int fd = work.open("f", OpenFlags.O_RDONLY);
    assertEquals(0, Linux.fchmod(fd, 01777));
    assertEquals(Mode.S_IFREG | 01777, work.stat("f").mode);
    Linux.close(fd);
    assertEquals(-Errno.ENOENT, Linux.fchmodat(work.dir, bytes("none"), 0600));
  }

  @Test
  void chmodNeverReachesTheTargetOfALink() {
    work.write("target", "x");
    must(Linux.symlinkat(bytes("target"), work.dir, bytes("link")));
    assertEquals(-Errno.EOPNOTSUPP, Linux.fchmodat(work.dir, bytes("link"), 0777));
    int fd = work.open("link", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    assertEquals(-Errno.EOPNOTSUPP, Linux.fchmodat(fd, Linux.EMPTY, 0777));
    assertEquals(-Errno.EOPNOTSUPP, Linux.fchmodatByDescriptor(fd, Linux.EMPTY, 0777));
    Linux.close(fd);
    assertEquals(Mode.S_IFREG | 0644, work.stat("target").mode);
  }

  /** Tests the code for kernels before 6.6. */
  @Test
  void chmodWithoutTheNewerCall() {
    work.write("f", "x");
    must(Linux.symlinkat(bytes("f"), work.dir, bytes("link")));
    assertEquals(0, Linux.fchmodatByDescriptor(work.dir, bytes("f"), 04711));
    assertEquals(Mode.S_IFREG | 04711, work.stat("f").mode);
    int fd = work.open("f", OpenFlags.O_PATH);
    assertEquals(0, Linux.fchmodatByDescriptor(fd, Linux.EMPTY, 0640));
    Linux.close(fd);
    assertEquals(Mode.S_IFREG | 0640, work.stat("f").mode);
    assertEquals(-Errno.EOPNOTSUPP, Linux.fchmodatByDescriptor(work.dir, bytes("link"), 0777));
    assertEquals(-Errno.ENOENT, Linux.fchmodatByDescriptor(work.dir, bytes("none"), 0777));
  }

  @Test
  void chownOfALinkAndOfDescriptors() {
    work.write("f", "x");
    must(Linux.symlinkat(bytes("f"), work.dir, bytes("link")));
    assertEquals(0, Linux.fchownat(work.dir, bytes("link"), 1, 2));
    assertEquals(1, work.stat("link").uid);
    assertEquals(0, work.stat("f").uid);
    int link = work.open("link", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    assertEquals(0, Linux.fchownat(link, Linux.EMPTY, 3, -1));
    Linux.close(link);
    assertEquals(3, work.stat("link").uid);
    assertEquals(2, work.stat("link").gid);
    int fd = work.open("f", OpenFlags.O_RDONLY);
    // This user id is negative as an int: one less than -1, which leaves the owner unchanged.
    assertEquals(0, Linux.fchown(fd, -2, -1));
    Linux.close(fd);
    assertEquals(-2, work.stat("f").uid);
    assertEquals(0, work.stat("f").gid);
  }

  @Test
  void timesOfALinkOfADescriptorAndNotAtAll() {
    work.write("f", "x");
    must(Linux.symlinkat(bytes("f"), work.dir, bytes("link")));
    long before = work.stat("f").mtimeSeconds;
    assertEquals(0, Linux.utimensat(work.dir, bytes("link"), 1, 2, 3, 4));
    assertEquals(3, work.stat("link").mtimeSeconds);
    assertEquals(before, work.stat("f").mtimeSeconds);
    int link = work.open("link", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    int omit = Linux.UTIME_OMIT;
    assertEquals(0, Linux.utimensat(link, Linux.EMPTY, 0, omit, -5, 6));
    Linux.close(link);
    Stat stat = work.stat("link");
    assertEquals(
        "1.2 -5.6",
        stat.atimeSeconds
            + "."
            + stat.atimeNanos
            + " "
            + stat.mtimeSeconds
            + "."
            + stat.mtimeNanos);
    assertEquals(0, Linux.utimensat(work.dir, bytes("link"), 0, Linux.UTIME_NOW, 0, omit));
    assertNotEquals(1, work.stat("link").atimeSeconds);
    assertEquals(-5, work.stat("link").mtimeSeconds);
    assertEquals(-Errno.EINVAL, Linux.utimensat(work.dir, bytes("f"), 0, 1_000_000_000, 0, 0));
    int fd = work.open("f", OpenFlags.O_PATH);
    assertEquals(-Errno.EINVAL, Linux.utimensat(fd, Linux.EMPTY, 0, 1_000_000_000, 0, 0));
    Linux.close(fd);
  }

  @Test
  void statfsSaysWhatTheSystemsOwnCommandSays() {
    FileSystemStat stat = new FileSystemStat();
    assertEquals(0, Linux.fstatfs(work.dir, stat));
    String format = "%t %s %S %b %c %l";
    String expected =
        Commands.run("stat", "-f", "-c", format, work.root().toString()).succeed().out();
    String actual =
        String.format(
            "%x %d %d %d %d %d",
            stat.type, stat.blockSize, stat.fragmentSize, stat.blocks, stat.files, stat.nameLength);
    assertEquals(expected.strip(), actual);
    assertTrue(stat.blocksAvailable <= stat.blocksFree && stat.blocksFree <= stat.blocks);
    assertTrue(stat.filesFree <= stat.files);
    assertEquals(-Errno.EBADF, Linux.fstatfs(-1, stat));
  }
}
