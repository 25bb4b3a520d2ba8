package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests reading, writing, holes and copies, also at offsets beyond 32 bits. */
class DataTest {
  private static final int CREATE = OpenFlags.O_CREAT | OpenFlags.O_RDWR;
  private static final long FAR = 1L << 40;

  private final Workspace work = new Workspace();
  private int fd;

  @BeforeEach
  void open() {
    fd = work.open("f", CREATE);
  }

  @AfterEach
  void close() {
    Linux.close(fd);
    work.close();
  }

  private void write(long offset, String text) {
    byte[] data = bytes(text);
    Memory.putBytes(work.memory, data, 0, data.length);
    assertEquals(data.length, Linux.pwrite(fd, work.memory, data.length, offset));
  }

  @Test
  void readsAndWritesAtOffsets() {
    write(0, "hello");
    write(FAR, "far");
    assertEquals(3, Linux.pread(fd, work.memory, 100, FAR));
    assertEquals("far", work.text(3));
    assertEquals(2, Linux.pread(fd, work.memory, 2, 3));
    assertEquals("lo", work.text(2));
    assertEquals(0, Linux.pread(fd, work.memory, 100, FAR + 3));
    assertEquals(FAR + 3, work.stat("f").size);
    assertEquals(-Errno.EINVAL, Linux.pread(fd, work.memory, 1, -1));
    assertEquals(-Errno.EFAULT, Linux.pread(fd, 8, 5, 0));
    assertEquals(-Errno.EISDIR, readDirectory());
  }

  @Test
  void appendsWhereverTheEndIs() {
    write(0, "hello");
    byte[] data = bytes("end");
    Memory.putBytes(work.memory, data, 0, data.length);
    assertEquals(3, Append.write(fd, work.memory, 3));
    must(Linux.ftruncate(fd, 2));
    assertEquals(3, Append.write(fd, work.memory, 3));
    assertEquals(5, Linux.pread(fd, work.memory, 100, 0));
    assertEquals("heend", work.text(5));
    int readOnly = work.open("f", OpenFlags.O_RDONLY);
    assertEquals(-Errno.EBADF, Append.write(readOnly, work.memory, 3));
    Linux.close(readOnly);
  }

  private int readDirectory() {
    int dir = must(Linux.reopen(work.dir, OpenFlags.O_RDONLY));
    int result = Linux.pread(dir, work.memory, 1, 0);
    Linux.close(dir);
    return result;
  }

  @Test
  void truncatesAndAllocates() {
    assertEquals(0, Linux.ftruncate(fd, FAR));
    assertEquals(FAR, work.stat("f").size);
    assertEquals(0, work.stat("f").blocks);
    assertEquals(0, Linux.ftruncate(fd, 1));
    assertEquals(1, work.stat("f").size);
    assertEquals(-Errno.EINVAL, Linux.ftruncate(fd, -1));
    assertEquals(0, Linux.fallocate(fd, Linux.FALLOC_FL_KEEP_SIZE, 0, 1 << 20));
    assertEquals(1, work.stat("f").size);
    assertTrue(work.stat("f").blocks >= 2048);
    assertEquals(0, Linux.fallocate(fd, 0, 0, 1 << 20));
    assertEquals(1 << 20, work.stat("f").size);
    int punch = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    assertEquals(0, Linux.fallocate(fd, punch, 0, 1 << 20));
    assertEquals(0, work.stat("f").blocks);
    assertEquals(-Errno.EOPNOTSUPP, Linux.fallocate(fd, Linux.FALLOC_FL_PUNCH_HOLE, 0, 1));
  }

  @Test
  void seeksFindDataAndHoles() {
    write(1 << 20, "data");
    assertEquals(1 << 20, Linux.lseek(fd, 0, Linux.SEEK_DATA));
    assertEquals(0, Linux.lseek(fd, 0, Linux.SEEK_HOLE));
    assertEquals((1 << 20) + 4, Linux.lseek(fd, 1 << 20, Linux.SEEK_HOLE));
    assertEquals(-Errno.ENXIO, Linux.lseek(fd, 2 << 20, Linux.SEEK_DATA));
    assertEquals((1 << 20) + 2, Linux.lseek(fd, -2, Linux.SEEK_END));
    assertEquals((1 << 20) + 3, Linux.lseek(fd, 1, Linux.SEEK_CUR));
    assertEquals(FAR, Linux.lseek(fd, FAR, Linux.SEEK_SET));
    assertEquals(-Errno.EINVAL, Linux.lseek(fd, -1, Linux.SEEK_SET));
  }

  @Test
  void copiesRangesAndLeavesTheOffsetsAlone() {
    write(0, "0123456789");
    assertEquals(3, Linux.lseek(fd, 3, Linux.SEEK_SET));
    int out = work.open("out", CREATE);
    assertEquals(4, Linux.copyFileRange(fd, 2, out, FAR, 4));
    assertEquals(4, Linux.pread(out, work.memory, 10, FAR));
    assertEquals("2345", work.text(4));
    assertEquals(3, Linux.copyFileRange(fd, 7, out, 0, Long.MAX_VALUE / 2));
    assertEquals(0, Linux.copyFileRange(fd, 10, out, 0, 5));
    assertEquals(3, Linux.lseek(fd, 0, Linux.SEEK_CUR));
    assertEquals(0, Linux.lseek(out, 0, Linux.SEEK_CUR));
    assertEquals(-Errno.EINVAL, Linux.copyFileRange(fd, 0, fd, 1, 5));
    assertEquals(-Errno.EISDIR, copyFromDirectory(out));
    must(Linux.close(out));
    assertEquals(-Errno.EBADF, Linux.copyFileRange(fd, 0, out, 0, 5));
  }

  private long copyFromDirectory(int out) {
    int dir = must(Linux.reopen(work.dir, OpenFlags.O_RDONLY));
    long result = Linux.copyFileRange(dir, 0, out, 0, 5);
    Linux.close(dir);
    return result;
  }

  /**
   * Whether files can be cloned depends on the file system; otherwise the error has to say that it
   * is not supported.
   */
  @Test
  void cloningSharesTheDataOrSaysThatItCannot() {
    write(0, "content");
    int out = work.open("out", CREATE);
    int result = Linux.ficlone(out, fd);
    assertTrue(result == 0 || result == -Errno.EOPNOTSUPP, Errno.name(-result));
    assertEquals(result == 0 ? "content" : "", work.read("out"));
    must(Linux.close(out));
    assertEquals(-Errno.EBADF, Linux.ficlone(out, fd));
    int shm = must(Linux.openat(Linux.AT_FDCWD, bytes("/dev/null"), OpenFlags.O_WRONLY, 0));
    int elsewhere = Linux.ficlone(shm, fd);
    assertTrue(elsewhere < 0, Errno.name(-elsewhere));
    Linux.close(shm);
  }

  @Test
  void ioctlPassesRequestAndArgument() {
    write(0, "12345");
    assertEquals(1, Linux.lseek(fd, 1, Linux.SEEK_SET));
    long fionread = 0x541B;
    assertEquals(0, Linux.ioctl(fd, fionread, work.memory));
    assertEquals(4, Memory.getInt(work.memory));
    long tcgets = 0x5401;
    assertEquals(-Errno.ENOTTY, Linux.ioctl(fd, tcgets, work.memory));
  }

  @Test
  void syncs() {
    write(0, "x");
    assertEquals(0, Linux.fsync(fd));
    assertEquals(0, Linux.fdatasync(fd));
    assertEquals(0, Linux.syncfs(fd));
    int path = work.open("f", OpenFlags.O_PATH);
    assertEquals(-Errno.EBADF, Linux.fsync(path));
    assertEquals(-Errno.EBADF, Linux.fdatasync(path));
    assertEquals(-Errno.EBADF, Linux.syncfs(path));
    Linux.close(path);
  }
}
