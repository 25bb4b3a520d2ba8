package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.pread;
import static dev.lamina.testing.Tree.pwrite;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Getdents;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Mistakes observed in other union file systems, one test each or more. Those that only the daemon
 * shows are in {@link DaemonTest}, those of the command line in {@link CliTest}; layers on
 * different file systems with equal inode numbers are in {@link MappingTest}.
 */
@Tag("one-jdk")
class PeerMistakesTest extends UnionTest {
  private static final int O_RDWR = OpenFlags.O_RDWR;

  private Union withLower(String path, String content) {
    Union union = Union.writable(mounter, 1);
    union.lower().write(path, content);
    return union;
  }

  @Test
  void openedReadOnlyThenReadWriteTheWritesReachTheUpper() {
    try (Union union = withLower("file", "lower")) {
      Map<String, String> lower = Snapshot.exact(union.lower());
      union.mount();
      int reader = ok(union.merged().open("file", OpenFlags.O_RDONLY));
      assertEquals("lower", pread(reader, 100, 0));
      int writer = ok(union.merged().open("file", O_RDWR));
      pwrite(writer, "UPPER", 0);
      ok(Linux.fsync(writer));
      assertEquals("UPPER", pread(reader, 100, 0));
      ok(Linux.close(reader));
      ok(Linux.close(writer));
      assertEquals("UPPER", union.upper().read("file"));
      Snapshot.assertSame("the lower layer", lower, Snapshot.exact(union.lower()));
    }
  }

  @Test
  void madeWhiteoutDoesNotEmptyTheListing() {
    try (Union union = withLower("d/x", "lower").mount()) {
      refused(Errno.EPERM, union.merged().mknod("d/y", Mode.S_IFCHR | 0644, 0));
      refused(Errno.EPERM, union.merged().mknod("z", Mode.S_IFCHR, 0));
      assertEquals(List.of("x"), union.merged().list("d"));
      assertEquals(List.of("d"), union.merged().list(""));
    }
  }

  @Test
  void attributesOfASymlinkDoNotGoToItsTarget() {
    try (Union union = withLower("on-mount", "x")) {
      Tree outside = new Tree(union.sandbox().root());
      outside.write("outside", "x");
      ok(union.lower().symlink(outside.string("outside"), "to-outside"));
      ok(union.lower().symlink(union.merged().string("on-mount"), "to-mount"));
      union.mount();
      for (String link : List.of("to-outside", "to-mount")) {
        ok(union.merged().setxattr(link, "trusted.mine", "link"));
        assertEquals("link", union.merged().xattr(link, "trusted.mine"));
        ok(union.merged().chown(link, 7, 8));
        ok(union.merged().utimens(link, 5, 6));
        assertEquals(7, union.merged().stat(link).uid);
      }
      assertEquals(Map.of(), outside.xattrs("outside"));
      assertEquals(Map.of(), union.merged().xattrs("on-mount"));
      assertEquals(0, outside.stat("outside").uid);
      assertEquals(0, union.merged().stat("on-mount").uid);
      for (String link : List.of("to-outside", "to-mount")) {
        ok(union.merged().removexattr(link, "trusted.mine"));
        refused(Errno.ENODATA, union.merged().getxattr(link, "trusted.mine"));
      }
    }
  }

  @Test
  void removedAndRemadeDirectoryResurrectsNothing() {
    try (Union union = withLower("d/sub/x", "lower").mount()) {
      Tree merged = union.merged();
      Commands.run("rm", "-rf", merged.string("d")).succeed();
      ok(merged.mkdir("d", 0755));
      refused(Errno.ENOENT, merged.lstat("d/sub"));
      refused(Errno.ENOENT, merged.lstat("d/sub/x"));
      assertEquals(List.of(), merged.list("d"));
      ok(merged.mkdir("d/sub", 0755));
      refused(Errno.ENOENT, merged.lstat("d/sub/x"));
      union.remount();
      assertEquals(List.of("sub"), merged.list("d"));
      refused(Errno.ENOENT, merged.lstat("d/sub/x"));
    }
  }

  @Test
  void upperDirectoryOverLowerSymlinkShowsNothingOfItsTarget() {
    try (Union union = withLower("b/inside", "lower")) {
      ok(union.lower().symlink("b", "a"));
      union.upper().directory("a");
      union.mount();
      assertEquals(List.of(), union.merged().list("a"));
      refused(Errno.ENOENT, union.merged().lstat("a/inside"));
      union.merged().write("a/inside", "new");
      assertEquals("lower", union.merged().read("b/inside"));
    }
  }

  @Test
  void linkCountsAndInodeNumbersStayOverARemount() {
    try (Union union = withLower("d/file", "lower")) {
      union.lower().directory("d/lower-sub");
      ok(union.lower().link("d/file", "d/lower-link"));
      union.mount();
      Tree merged = union.merged();
      merged.write("d/new", "new");
      ok(merged.link("d/new", "d/new-link"));
      merged.directory("d/sub/deeper");
      merged.directory("own/sub");
      Map<String, String> before = Snapshot.withInodes(merged);
      assertListedInodesAreStats(merged, "d");
      union.remount();
      Snapshot.assertSame("the tree", before, Snapshot.withInodes(merged));
      assertListedInodesAreStats(merged, "d");
      assertEquals(2, merged.stat("d/new").nlink);
      assertEquals(2, merged.stat("d/file").nlink);
      assertEquals(merged.stat("d/file").ino, merged.stat("d/lower-link").ino);
    }
  }

  private static void assertListedInodesAreStats(Tree merged, String directory) {
    for (Getdents.Entry entry : merged.getdents(directory).entries()) {
      if (!entry.name().equals("..")) {
        assertEquals(merged.stat(directory + "/" + entry.name()).ino, entry.ino(), entry.name());
      }
    }
  }

  @Test
  void openUnlinkedFileHasNoLinks() {
    assumeTrue(
        mounter.capabilities().orphanAttributes(), "the transport cannot ask for its attributes");
    try (Union union = withLower("lower", "contents").mount()) {
      union.merged().write("new", "contents");
      for (String name : List.of("lower", "new")) {
        int fd = ok(union.merged().open(name, O_RDWR));
        ok(union.merged().unlink(name));
        Stat stat = new Stat();
        ok(Linux.fstat(fd, stat));
        assertEquals(0, stat.nlink, name);
        ok(Linux.fchmod(fd, 0600));
        ok(Linux.ftruncate(fd, 3));
        ok(Linux.fstat(fd, stat));
        assertEquals(3, stat.size);
        assertEquals("con", pread(fd, 100, 0));
        ok(Linux.close(fd));
      }
    }
  }

  @Test
  void fifoFollowsTheUmask() {
    int old = ProcessCalls.umask(077);
    try (Union union = Union.writable(mounter, 1).mount()) {
      ok(union.merged().mknod("fifo", Mode.S_IFIFO | 0666, 0));
      assertEquals(Mode.S_IFIFO | 0600, union.merged().stat("fifo").mode);
    } finally {
      ProcessCalls.umask(old);
    }
  }

  @Test
  void nameOf256BytesIsTooLong() {
    try (Union union = Union.writable(mounter, 1).mount()) {
      refused(Errno.ENAMETOOLONG, union.merged().lstat("x".repeat(256)));
      refused(Errno.ENAMETOOLONG, union.merged().mkdir("x".repeat(256), 0755));
      ok(union.merged().mkdir("x".repeat(255), 0755));
    }
  }

  @Test
  void setgidAndDefaultAclAreInherited() {
    try (Union union = Union.writable(mounter, 1)) {
      Tree plain = new Tree(union.sandbox().directory("plain"));
      union.mount();
      List<String> results = new ArrayList<>();
      for (Tree tree : List.of(plain, union.merged())) {
        ok(tree.mkdir("d", 0755));
        ok(tree.chown("d", 0, 4242));
        ok(tree.chmod("d", 02775));
        Commands.run("setfacl", "-d", "-m", "u:4321:rwx", tree.string("d")).succeed();
        ok(tree.mkdir("d/sub", 0700));
        tree.write("d/file", "");
        String result = "";
        for (String name : List.of("d/sub", "d/file")) {
          Stat stat = tree.stat(name);
          result += Integer.toOctalString(stat.mode) + " " + stat.gid + " " + tree.xattrs(name);
        }
        results.add(result);
      }
      assertEquals(results.get(0), results.get(1));
      assertTrue(results.get(1).contains("4242 {system.posix_acl_access"), results.get(1));
    }
  }

  @Test
  void largeCopyUpDelaysNobody() throws Exception {
    try (Union union = withLower("d/other", "other")) {
      for (int i = 0; i < 50; i++) {
        union.lower().write("d/small" + i, "small");
      }
      String large = union.lower().string("d/large");
      Commands.run("dd", "if=/dev/zero", "of=" + large, "bs=1M", "count=384", "status=none")
          .succeed();
      for (int i = 1; i < 4; i++) {
        ok(union.lower().link("d/large", "d/large" + i));
      }
      union.mount();
      int answered = answeredDuringCopyUp(union, "d/large");
      // Whom it delays is answered once at most, each time. On a busy machine few are now and then.
      for (int i = 1; i < 4 && answered < 5; i++) {
        answered = answeredDuringCopyUp(union, "d/large" + i);
      }
      assertTrue(answered >= 5, "only " + answered + " requests during the copy-up");
    }
  }

  /** Rounds of requests that were answered until a copy-up had ended, 50 at most. */
  private static int answeredDuringCopyUp(Union union, String large) {
    Tree merged = union.merged();
    AtomicInteger result = new AtomicInteger(Integer.MIN_VALUE);
    Thread copying = new Thread(() -> result.set(merged.open(large, O_RDWR)));
    copying.start();
    int answered = 0;
    while (copying.isAlive() && answered < 50) {
      assertEquals("other", merged.read("d/other"));
      assertTrue(merged.exists(large));
      merged.append("d/small" + answered, "!");
      answered++;
    }
    Waiting.untilEnd("copying up", copying);
    ok(Linux.close(ok(result.get())));
    assertEquals(384L << 20, union.upper().stat(large).size);
    ok(merged.unlink(large));
    return answered;
  }

  @Test
  void deletedNameLeavesAWhiteoutOnlyWhereALayerHasIt() {
    try (Union union = withLower("d/lower", "lower").mount()) {
      Tree merged = union.merged();
      merged.write("d/new", "new");
      ok(merged.unlink("d/new"));
      ok(merged.mkdir("d/dir", 0755));
      ok(merged.rmdir("d/dir"));
      merged.write("d/a", "a");
      ok(merged.rename("d/a", "d/b"));
      ok(merged.unlink("d/b"));
      assertEquals(List.of(), union.upper().list("d"));
      ok(merged.unlink("d/lower"));
      assertEquals(List.of("lower"), union.upper().list("d"));
    }
  }

  @Test
  void whiteoutDoesNotComeAlongInARename() {
    try (Union union = withLower("d/gone", "lower")) {
      union.lower().write("d/stays", "lower");
      union.lower().write("target/gone", "of the target");
      union.lower().write("target/x", "x");
      union.mount();
      Tree merged = union.merged();
      ok(merged.unlink("d/gone"));
      ok(merged.unlink("target/x"));
      ok(merged.unlink("target/gone"));
      ok(merged.rmdir("target"));
      merged.move("d", "target");
      assertEquals(List.of("stays"), merged.list("target"));
      merged.write("target/gone", "new");
      ok(merged.rename("target/gone", "fresh"));
      ok(merged.unlink("fresh"));
      assertFalse(union.upper().exists("fresh"));
      assertEquals(List.of("stays"), merged.list("target"));
    }
  }

  @Test
  void copyUpWithoutSpaceIsReportedAndLeavesNothing() {
    try (Union union = Union.withSmallUpper(mounter, 1, 1)) {
      union.lower().write("d/large", "x".repeat(4 << 20));
      union.lower().write("d/small", "small");
      union.mount();
      Tree merged = union.merged();
      merged.append("d/small", "!");
      long free = union.upper().statfs("").blocksFree;
      refused(Errno.ENOSPC, merged.open("d/large", O_RDWR));
      refused(Errno.ENOSPC, merged.truncate("d/large", 3 << 20));
      assertEquals(free, union.upper().statfs("").blocksFree);
      assertEquals(List.of("small"), union.upper().list("d"));
      assertEquals("x".repeat(4 << 20), merged.read("d/large"));
      ok(Linux.close(ok(merged.open("d/large", O_RDWR | OpenFlags.O_TRUNC))));
      assertEquals("", merged.read("d/large"));
      assertEquals("small!", merged.read("d/small"));
    }
  }

  @Test
  void mountServesAsSoonAsItReturns() {
    for (int i = 0; i < 3; i++) {
      try (Union union = withLower("file", "lower").mount()) {
        assertEquals("lower", union.merged().read("file"));
      }
    }
  }
}
