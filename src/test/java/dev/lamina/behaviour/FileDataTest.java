package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.pread;
import static dev.lamina.testing.Tree.pwrite;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reading, writing and truncating, in the lower and in the upper layer. */
class FileDataTest extends SharedMountTest {
  private static final int MIB = 1 << 20;
  private static final int CREATE = OpenFlags.O_CREAT | OpenFlags.O_RDWR;

  @Override
  void fill(Union layers) {
    Tree lower = layers.lower();
    lower.write("lower/rewritten", "0123456789");
    lower.write("lower/truncated", "0123456789");
    lower.write("lower/extended", "0123456789");
    lower.write("lower/read", "0123456789");
    lower.write("lower/created", "0123456789");
    lower.write("lower/empty", "");
    StringBuilder large = new StringBuilder();
    for (int i = 0; i < 300_000; i++) {
      large.append(i).append('\n');
    }
    lower.write("lower/large", large.toString());
  }

  @Test
  void readsAtAnyOffset() {
    int fd = ok(merged.open("lower/read", OpenFlags.O_RDONLY));
    assertEquals("0123456789", pread(fd, 100, 0));
    assertEquals("34", pread(fd, 2, 3));
    assertEquals("9", pread(fd, 100, 9));
    assertEquals("", pread(fd, 100, 10));
    assertEquals("", pread(fd, 100, 1L << 40));
    refused(Errno.EBADF, Tree.tryPwrite(fd, "x", 0));
    ok(Linux.close(fd));
    assertEquals("", merged.read("lower/empty"));
    assertTrue(union.lower().read("lower/large").equals(merged.read("lower/large")));
  }

  @Test
  void rewritesPartOfALowerFile() {
    int fd = ok(merged.open("lower/rewritten", OpenFlags.O_RDWR));
    pwrite(fd, "ab", 4);
    assertEquals("0123ab6789", pread(fd, 100, 0));
    pwrite(fd, "!", 12);
    assertEquals("0123ab6789\0\0!", pread(fd, 100, 0));
    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    assertEquals(13, stat.size);
    ok(Linux.close(fd));
    assertEquals(13, merged.stat("lower/rewritten").size);
  }

  @Test
  void truncatesAndExtends() {
    ok(merged.truncate("lower/truncated", 4));
    assertEquals("0123", merged.read("lower/truncated"));
    ok(merged.truncate("lower/extended", 12));
    assertEquals("0123456789\0\0", merged.read("lower/extended"));
    ok(merged.truncate("lower/extended", 0));
    assertEquals("", merged.read("lower/extended"));
    refused(Errno.EINVAL, merged.truncate("lower/extended", -1));
  }

  @Test
  void createFlagsAreObeyed() {
    refused(Errno.EEXIST, merged.open("lower/created", CREATE | OpenFlags.O_EXCL, 0600));
    int fd = ok(merged.open("lower/created", CREATE, 0600));
    assertEquals("0123456789", pread(fd, 100, 0));
    ok(Linux.close(fd));
    assertEquals(Mode.S_IFREG | 0644, merged.stat("lower/created").mode);
    fd = ok(merged.open("lower/new", CREATE | OpenFlags.O_EXCL, 0600));
    pwrite(fd, "new", 0);
    ok(Linux.close(fd));
    assertEquals(Mode.S_IFREG | 0600, merged.stat("lower/new").mode);
    assertEquals("new", merged.read("lower/new"));
    fd = ok(merged.open("lower/new", CREATE | OpenFlags.O_TRUNC, 0644));
    ok(Linux.close(fd));
    assertEquals("", merged.read("lower/new"));
    refused(Errno.EISDIR, merged.open("lower", OpenFlags.O_WRONLY));
    refused(Errno.ENOTDIR, merged.open("lower/new", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
  }

  /** The mode of creation does not bind the descriptor that creates. */
  @Test
  void fileCreatedReadOnlyCanBeWrittenByItsCreator() {
    int fd = ok(merged.open("lower/mode-zero", CREATE, 0));
    pwrite(fd, "written", 0);
    assertEquals("written", pread(fd, 100, 0));
    ok(Linux.close(fd));
    assertEquals(Mode.S_IFREG, merged.stat("lower/mode-zero").mode);
  }

  @Test
  void largeWritesComeBack() {
    String content = union.lower().read("lower/large").repeat(4);
    merged.write("large/file", content);
    assertTrue(content.equals(merged.read("large/file")));
    assertTrue(content.equals(upper.read("large/file")));
    assertEquals(content.length(), merged.stat("large/file").size);
  }

  @Test
  void sparseFilesStaySparse() {
    merged.write("sparse/file", "");
    int fd = ok(merged.open("sparse/file", OpenFlags.O_RDWR));
    pwrite(fd, "end", 5L << 32);
    assertEquals("end", pread(fd, 100, 5L << 32));
    assertEquals("\0\0\0", pread(fd, 3, 1L << 32));
    ok(Linux.fsync(fd));
    ok(Linux.close(fd));
    assertEquals((5L << 32) + 3, merged.stat("sparse/file").size);
    assertTrue(upper.stat("sparse/file").blocks < 1000);
    ok(merged.unlink("sparse/file"));
  }

  @Test
  void fallocateReservesAndPunches() {
    merged.write("fallocate/file", "x".repeat(MIB));
    int fd = ok(merged.open("fallocate/file", OpenFlags.O_RDWR));
    ok(Linux.fallocate(fd, 0, 0, 2 * MIB));
    assertEquals(2 * MIB, merged.stat("fallocate/file").size);
    ok(Linux.fallocate(fd, Linux.FALLOC_FL_KEEP_SIZE, 0, 3 * MIB));
    assertEquals(2 * MIB, merged.stat("fallocate/file").size);
    int punch = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    ok(Linux.fallocate(fd, punch, 0, MIB / 2));
    assertEquals("\0\0", pread(fd, 2, MIB / 4));
    assertEquals("xx", pread(fd, 2, MIB / 2));
    ok(Linux.close(fd));
  }

  @Test
  void severalDescriptorsSeeOneFile() {
    merged.write("shared/file", "first");
    int one = ok(merged.open("shared/file", OpenFlags.O_RDWR));
    int two = ok(merged.open("shared/file", OpenFlags.O_RDWR));
    pwrite(one, "FIRST", 0);
    assertEquals("FIRST", pread(two, 100, 0));
    ok(Linux.ftruncate(two, 2));
    assertEquals("FI", pread(one, 100, 0));
    int append = ok(merged.open("shared/file", OpenFlags.O_WRONLY | OpenFlags.O_APPEND));
    pwrite(append, "!", 0);
    assertEquals("FI!", pread(one, 100, 0));
    for (int fd : List.of(one, two, append)) {
      ok(Linux.close(fd));
    }
  }

  private static int openForAppending(Tree tree, String name) {
    return ok(tree.open(name, OpenFlags.O_WRONLY | OpenFlags.O_APPEND));
  }

  /** Each name may be an inode of its own to the kernel, which has the end of the file there. */
  @Test
  void appendsThroughSeveralNamesAllArrive() {
    Tree tree = merged.directory("append/alternating");
    tree.write("a", "0");
    ok(tree.link("a", "b"));
    List<Integer> open =
        List.of(
            openForAppending(tree, "a"),
            openForAppending(tree, "b"),
            ok(tree.open("a", OpenFlags.O_RDWR | OpenFlags.O_APPEND)),
            ok(tree.open("b", OpenFlags.O_RDWR | OpenFlags.O_APPEND)));
    StringBuilder expected = new StringBuilder("0");
    for (int i = 1; i <= 20; i++) {
      String part = i + "-".repeat(i == 10 ? 10_000 : i);
      pwrite(open.get(i % 4), part, 0);
      expected.append(part);
    }
    assertEquals(expected.toString(), tree.read("a"));
    assertEquals(expected.toString(), tree.read("b"));
    assertEquals(expected.toString(), upper.read("append/alternating/a"));
    for (String name : List.of("a", "b")) {
      assertEquals(expected.length(), tree.stat(name).size);
    }
    for (int fd : open) {
      ok(Linux.close(fd));
    }
  }

  @Test
  void appendsArriveFromBeforeTheSecondNameAndAfterTheFirst() {
    Tree tree = merged.directory("append/later");
    tree.write("a", "0");
    int a = openForAppending(tree, "a");
    pwrite(a, "1", 0);
    ok(tree.link("a", "b"));
    int b = openForAppending(tree, "b");
    pwrite(b, "2", 0);
    pwrite(a, "3", 0);
    assertEquals("0123", tree.read("a"));
    ok(tree.unlink("a"));
    pwrite(b, "4", 0);
    pwrite(a, "5", 0);
    pwrite(b, "6", 0);
    assertEquals("0123456", tree.read("b"));
    assertEquals(7, tree.stat("b").size);
    // The other way round: what remains grows by a descriptor that has lost its name.
    pwrite(a, "7", 0);
    assertEquals(8, tree.stat("b").size);
    assertEquals("01234567", tree.read("b"));
    ok(Linux.close(a));
    ok(Linux.close(b));
  }

  @Test
  void appendsThroughOneNameAreSeenThroughTheOther() {
    Tree tree = merged.directory("append/seen");
    tree.write("a", "01");
    ok(tree.link("a", "b"));
    int reader = ok(tree.open("b", OpenFlags.O_RDONLY));
    int same = ok(tree.open("a", OpenFlags.O_RDONLY));
    assertEquals("01", pread(reader, 100, 0));
    assertEquals("01", pread(same, 100, 0));
    int a = openForAppending(tree, "a");
    Stat stat = new Stat();
    for (int i = 2; i < 10; i++) {
      pwrite(a, "" + i, 0);
      for (int fd : List.of(reader, same)) {
        ok(Linux.fstat(fd, stat));
        assertEquals(i + 1, stat.size);
        assertEquals("" + i, pread(fd, 1, i));
        assertEquals("0123456789".substring(0, i + 1), pread(fd, 100, 0));
      }
    }
    for (int fd : List.of(reader, same, a)) {
      ok(Linux.close(fd));
    }
  }

  /** Not where the kernel takes the end to be, and not into pages it keeps of that place. */
  @Test
  void appendedDataIsReadWhereItWentTo() {
    Tree tree = merged.directory("append/read");
    tree.write("a", "0");
    ok(tree.link("a", "b"));
    int reader = ok(tree.open("a", OpenFlags.O_RDONLY));
    assertEquals("0", pread(reader, 100, 0));
    int a = openForAppending(tree, "a");
    int b = openForAppending(tree, "b");
    pwrite(b, "1", 0);
    pwrite(a, "2", 0);
    assertEquals("1", pread(reader, 1, 1));
    assertEquals("2", pread(reader, 1, 2));
    for (int fd : List.of(reader, a, b)) {
      ok(Linux.close(fd));
    }
  }

  @Test
  void everyKindOfFileIsMade() {
    ok(merged.mkdir("kinds", 0700));
    ok(merged.mkdir("kinds/directory", 0750));
    ok(merged.mknod("kinds/file", Mode.S_IFREG | 0640, 0));
    ok(merged.mknod("kinds/fifo", Mode.S_IFIFO | 0640, 0));
    ok(merged.mknod("kinds/socket", Mode.S_IFSOCK | 0640, 0));
    ok(merged.mknod("kinds/device", Mode.S_IFCHR | 0640, 0x501));
    ok(merged.symlink("t".repeat(1000), "kinds/symlink"));
    for (Tree tree : List.of(merged, upper)) {
      assertEquals(Mode.S_IFDIR | 0750, tree.stat("kinds/directory").mode);
      assertEquals(Mode.S_IFREG | 0640, tree.stat("kinds/file").mode);
      assertEquals(Mode.S_IFIFO | 0640, tree.stat("kinds/fifo").mode);
      assertEquals(Mode.S_IFSOCK | 0640, tree.stat("kinds/socket").mode);
      assertEquals(Mode.S_IFCHR | 0640, tree.stat("kinds/device").mode);
      assertEquals(0x501, tree.stat("kinds/device").rdev);
      assertEquals("t".repeat(1000), tree.readlink("kinds/symlink"));
    }
    refused(
        Errno.EINVAL,
        Linux.readlinkat(Linux.AT_FDCWD, Tree.bytes(merged.string("kinds/file")), 0, 1));
  }
}
