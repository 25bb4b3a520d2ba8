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
import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an object of a lower layer is after something changed it. */
class CopyUpTest extends SharedMountTest {
  private static final int MIB = 1 << 20;

  /** cap_net_raw=ep as security.capability stores it (VFS_CAP_REVISION_2). */
  static final String CAPABILITY = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

  @Override
  void fill(Union layers) {
    Tree lower = layers.lower();
    lower.write("holes/file", "");
    int fd = ok(lower.open("holes/file", OpenFlags.O_WRONLY));
    pwrite(fd, "data".repeat(16 * 1024), 8 * MIB);
    ok(Linux.ftruncate(fd, 32 * MIB));
    Linux.close(fd);

    for (String name : List.of("opened", "chmoded", "truncated")) {
      String path = "attributes/" + name;
      lower.write(path, "contents");
      ok(lower.chown(path, 1234, 5678));
      ok(lower.chmod(path, 06751));
      ok(lower.setxattr(path, "user.color", "blue"));
      ok(lower.setxattr(path, "trusted.size", "large"));
      ok(lower.setxattr(path, "security.capability", CAPABILITY));
      Commands.run("setfacl", "-m", "u:4321:rw", lower.string(path)).succeed();
      ok(lower.utimens(path, 1_000_000_000, 123_456_789, 1_100_000_000, 987_654_321));
    }
    lower.write("parents/a/b/file", "contents");
    ok(lower.chown("parents/a", 1, 2));
    ok(lower.chmod("parents/a", 02750));
    ok(lower.setxattr("parents/a", "user.kept", "yes"));
    Commands.run("setfacl", "-d", "-m", "u:4321:rw", lower.string("parents/a")).succeed();
    ok(lower.utimens("parents/a/b", 1_000_000_000, 5));
    ok(lower.utimens("parents/a", 1_000_000_001, 6));

    lower.directory("special");
    ok(lower.symlink("some/where", "special/symlink"));
    ok(lower.mknod("special/fifo", Mode.S_IFIFO | 0640, 0));
    ok(lower.mknod("special/socket", Mode.S_IFSOCK | 0640, 0));
    ok(lower.mknod("special/device", Mode.S_IFCHR | 0640, 0x103));
    for (String name : List.of("symlink", "fifo", "socket", "device")) {
      ok(lower.utimens("special/" + name, 1_000_000_000, 7));
    }

    lower.write("unlinked/reader", "lower contents");
    lower.write("unlinked/writer", "lower contents");
    lower.write("descriptors/log", "first\n");
    lower.write("descriptors/truncated", "long contents");
    lower.write("inodes/file", "contents");
    lower.directory("inodes/directory");
    ok(lower.symlink("file", "inodes/symlink"));
    lower.write("concurrent/file", "x".repeat(4 * MIB));
    lower.write("trunc/file", "x".repeat(MIB));
    lower.write("read/file", "contents");
    lower.write("linked/file", "contents");
    lower.write("append/file", "contents");
  }

  private void openForWriting(String path) {
    int fd = ok(merged.open(path, OpenFlags.O_WRONLY));
    ok(Linux.close(fd));
  }

  @Test
  void copyUpKeepsHoles() {
    String before = merged.read("holes/file");
    openForWriting("holes/file");
    Stat copy = upper.stat("holes/file");
    assertEquals(32 * MIB, copy.size);
    assertTrue(copy.blocks * 512 <= MIB, copy.blocks + " blocks");
    assertTrue(before.equals(merged.read("holes/file")), "the same contents");
  }

  @ParameterizedTest
  @ValueSource(strings = {"opened", "chmoded"})
  void copyUpKeepsAttributes(String name) {
    String path = "attributes/" + name;
    Stat before = merged.stat(path);
    Map<String, String> xattrs = merged.xattrs(path);
    if (name.equals("opened")) {
      openForWriting(path);
    } else {
      ok(merged.chmod(path, before.mode & Mode.PERMISSIONS));
    }
    assertTrue(upper.exists(path));
    Stat after = merged.stat(path);
    assertEquals(before.mode, after.mode);
    assertEquals(1234, after.uid);
    assertEquals(5678, after.gid);
    assertEquals(before.atimeSeconds, after.atimeSeconds);
    assertEquals(before.atimeNanos, after.atimeNanos);
    assertEquals(1_100_000_000, after.mtimeSeconds);
    assertEquals(987_654_321, after.mtimeNanos);
    assertEquals(before.ino, after.ino);
    assertEquals(CAPABILITY, xattrs.get("security.capability"));
    assertTrue(xattrs.containsKey("system.posix_acl_access"), xattrs.toString());
    assertEquals(xattrs, merged.xattrs(path));
    assertEquals("contents", merged.read(path));
  }

  @Test
  void copyUpKeepsParentDirectories() {
    List<Stat> before = List.of(merged.stat("parents/a"), merged.stat("parents/a/b"));
    Map<String, String> xattrs = merged.xattrs("parents/a");
    openForWriting("parents/a/b/file");
    List<Stat> after = List.of(merged.stat("parents/a"), merged.stat("parents/a/b"));
    for (int i = 0; i < 2; i++) {
      assertEquals(before.get(i).mode, after.get(i).mode);
      assertEquals(before.get(i).uid, after.get(i).uid);
      assertEquals(before.get(i).gid, after.get(i).gid);
      assertEquals(before.get(i).mtimeSeconds, after.get(i).mtimeSeconds);
      assertEquals(before.get(i).mtimeNanos, after.get(i).mtimeNanos);
      assertEquals(before.get(i).ino, after.get(i).ino);
    }
    assertEquals(xattrs, merged.xattrs("parents/a"));
    assertEquals(Map.of(), merged.xattrs("parents/a/b/file"), "no ACL is inherited by a copy");
  }

  @ParameterizedTest
  @ValueSource(strings = {"symlink", "fifo", "socket", "device"})
  void copyUpOfSpecialFiles(String name) {
    String path = "special/" + name;
    Stat before = merged.stat(path);
    ok(merged.chown(path, 17, 18));
    for (Tree tree : List.of(merged, upper)) {
      Stat after = tree.stat(path);
      assertEquals(before.mode, after.mode);
      assertEquals(before.rdev, after.rdev);
      assertEquals(17, after.uid);
      assertEquals(18, after.gid);
      assertEquals(before.mtimeSeconds, after.mtimeSeconds);
      assertEquals(before.mtimeNanos, after.mtimeNanos);
    }
    assertEquals(before.ino, merged.stat(path).ino);
    if (name.equals("symlink")) {
      assertEquals("some/where", merged.readlink(path));
      assertEquals("some/where", upper.readlink(path));
    }
  }

  @Test
  void hardLinksInTheUpperAreOneFile() {
    ok(merged.link("linked/file", "linked/second"));
    assertEquals(2, merged.stat("linked/file").nlink);
    assertEquals(merged.stat("linked/file").ino, merged.stat("linked/second").ino);
    merged.append("linked/second", " and more");
    assertEquals("contents and more", merged.read("linked/file"));
    ok(merged.chmod("linked/file", 0600));
    assertEquals(Mode.S_IFREG | 0600, merged.stat("linked/second").mode);
    ok(merged.unlink("linked/file"));
    assertEquals(1, merged.stat("linked/second").nlink);
    assertEquals("contents and more", merged.read("linked/second"));
  }

  @Test
  void unlinkedFilesStayReadableAndWritable() {
    int reader = ok(merged.open("unlinked/reader", OpenFlags.O_RDONLY));
    int writer = ok(merged.open("unlinked/writer", OpenFlags.O_RDWR));
    int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT;
    int created = ok(merged.open("unlinked/created", flags, 0600));
    pwrite(created, "new contents", 0);
    for (String name : List.of("reader", "writer", "created")) {
      ok(merged.unlink("unlinked/" + name));
    }
    assertEquals(List.of(), merged.list("unlinked"));
    assertEquals("lower contents", pread(reader, 100, 0));
    pwrite(writer, "LOWER", 0);
    assertEquals("LOWER contents", pread(writer, 100, 0));
    pwrite(created, "NEW", 0);
    assertEquals("NEW contents", pread(created, 100, 0));
    merged.write("unlinked/created", "another file");
    assertEquals("NEW contents", pread(created, 100, 0));
    for (int fd : List.of(reader, writer, created)) {
      ok(Linux.close(fd));
    }
  }

  /** {@code tail -f} on a log of the image: as kernel overlayfs does since Linux 4.19. */
  @Test
  void olderDescriptorSeesWritesMadeAfterCopyUp() {
    int old = ok(merged.open("descriptors/log", OpenFlags.O_RDONLY));
    assertEquals("first\n", pread(old, 100, 0));
    merged.append("descriptors/log", "second\n");
    assertEquals("first\nsecond\n", pread(old, 100, 0));
    ok(Linux.close(old));
  }

  @Test
  void olderDescriptorSeesTruncation() {
    int old = ok(merged.open("descriptors/truncated", OpenFlags.O_RDONLY));
    assertEquals("long contents", pread(old, 100, 0));
    merged.write("descriptors/truncated", "short");
    assertEquals("short", pread(old, 100, 0));
    ok(Linux.close(old));
  }

  @Test
  void inodeNumbersSurviveCopyUp() {
    for (String name : List.of("file", "directory", "symlink")) {
      long before = merged.stat("inodes/" + name).ino;
      ok(merged.chown("inodes/" + name, 5, 5));
      assertTrue(upper.exists("inodes/" + name));
      assertEquals(before, merged.stat("inodes/" + name).ino, name);
      assertTrue(
          merged.getdents("inodes").entries().stream()
              .anyMatch(entry -> entry.name().equals(name) && entry.ino() == before),
          name);
    }
  }

  @Test
  void concurrentOpensCopyUpOnce() throws Exception {
    long ino = merged.stat("concurrent/file").ino;
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int offset = i;
      writers.add(
          () -> {
            int fd = ok(merged.open("concurrent/file", OpenFlags.O_WRONLY));
            pwrite(fd, "" + offset, offset);
            return Linux.close(fd);
          });
    }
    for (Future<Integer> writer : threads.invokeAll(writers)) {
      ok(writer.get());
    }
    threads.shutdown();
    assertTrue(merged.read("concurrent/file").equals("01234567" + "x".repeat(4 * MIB - 8)));
    assertEquals(ino, merged.stat("concurrent/file").ino);
    assertEquals(1, upper.stat("concurrent/file").nlink);
    assertEquals(List.of("file"), upper.list("concurrent"));
  }

  @Test
  void openingWithTruncationLeavesAnEmptyFile() {
    ok(Linux.close(ok(merged.open("trunc/file", OpenFlags.O_WRONLY | OpenFlags.O_TRUNC))));
    assertEquals(0, merged.stat("trunc/file").size);
    assertEquals("", merged.read("trunc/file"));
    assertEquals(0, upper.stat("trunc/file").size);
  }

  @Test
  void readingCopiesNothing() {
    assertEquals("contents", merged.read("read/file"));
    merged.xattrs("read/file");
    assertEquals(List.of("file"), merged.list("read"));
    refused(Errno.ENOENT, upper.lstat("read"));
  }

  @Test
  void appendGoesToTheEndOfTheCopy() {
    merged.append("append/file", "!");
    merged.append("append/file", "?");
    assertEquals("contents!?", merged.read("append/file"));
  }

  @Test
  void workDirectoryIsLeftClean() {
    // A mount of its own: one in which something was removed keeps a whiteout there.
    try (Union own = Union.writable(mounter, 1)) {
      own.lower().write("file", "lower");
      own.mount();
      own.merged().append("file", " and upper");
      List<String> inWork = new ArrayList<>();
      for (String name : own.work().list("")) {
        inWork.addAll(own.work().list(name));
      }
      assertEquals(List.of(), inWork);
    }
  }
}
