package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static dev.lamina.fuse.libfuse.MirrorMount.ok;
import static dev.lamina.fuse.libfuse.MirrorMount.pread;
import static dev.lamina.fuse.libfuse.MirrorMount.pwrite;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Devices;
import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.RecordLock;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import dev.lamina.testing.Commands;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every operation through the kernel and libfuse to a file system and back. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LibfuseTransportTest {
  private MirrorMount mount;

  @BeforeEach
  void mount() {
    mount = new MirrorMount();
  }

  @AfterEach
  void unmount() {
    mount.close();
  }

  private Set<String> names(String directory) {
    int fd = mount.open(directory, OpenFlags.O_DIRECTORY);
    Set<String> names = new TreeSet<>();
    DirectoryReader reader = new DirectoryReader();
    reader.start(fd);
    while (ok(reader.next()) > 0) {
      names.add(new String(reader.name(), StandardCharsets.ISO_8859_1));
    }
    Linux.close(fd);
    return names;
  }

  @Test
  void namesAreBytes() {
    byte[] name = {(byte) 0xff, (byte) 0xfe, 'x', (byte) 0x80, '\n'};
    byte[] target = {(byte) 0xe9, '/', (byte) 0xff, ','};
    mount.write(new String(name, StandardCharsets.ISO_8859_1), "data");
    ok(Linux.symlinkat(target, mount.root, bytes("\u00c3\u00ff")));
    ok(Linux.mkdirat(mount.root, bytes("\u00e4"), 0755));
    ok(Linux.renameat2(mount.root, name, mount.root, bytes("\u00e4/\u00ff"), 0));
    assertEquals("data", mount.read("\u00e4/\u00ff"));
    assertEquals(Set.of("\u00c3\u00ff", "\u00e4"), names("."));
    assertEquals(Set.of("\u00ff"), names("\u00e4"));
    ByteBuffer memory = ByteBuffer.allocateDirect(100);
    int length = Linux.readlinkat(mount.root, bytes("\u00c3\u00ff"), Memory.address(memory), 100);
    byte[] read = new byte[ok(length)];
    memory.get(read);
    assertArrayEquals(target, read);
  }

  @Test
  void pathsMayBeLongerThanPathMax() {
    byte[] name = bytes("n".repeat(200));
    List<Integer> directories = new ArrayList<>(List.of(mount.root));
    for (int depth = 0; depth < 60; depth++) {
      int parent = directories.get(depth);
      ok(Linux.mkdirat(parent, name, 0755));
      directories.add(ok(Linux.openat(parent, name, OpenFlags.O_PATH, 0)));
    }
    int deepest = directories.get(60);
    Linux.close(ok(Linux.openat(deepest, bytes("f"), OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0644)));
    ok(Linux.statx(deepest, bytes("f"), new Stat()));
    ok(Linux.unlinkat(deepest, bytes("f"), 0));
    for (int depth = 59; depth >= 0; depth--) {
      Linux.close(directories.get(depth + 1));
      ok(Linux.unlinkat(directories.get(depth), name, Linux.AT_REMOVEDIR));
    }
  }

  @Test
  void nameOf256BytesIsTooLong() {
    mount.write("n".repeat(255), "");
    assertEquals(-Errno.ENAMETOOLONG, mount.statResult("n".repeat(256)));
    assertEquals(-Errno.ENAMETOOLONG, Linux.mkdirat(mount.root, bytes("n".repeat(256)), 0755));
  }

  @Test
  void openFileOutlivesItsName() {
    ok(Linux.mkdirat(mount.root, bytes("d"), 0755));
    mount.write("d/f", "0123456789");
    int fd = mount.open("d/f", OpenFlags.O_RDWR);
    ok(Linux.unlinkat(mount.root, bytes("d/f"), 0));
    assertEquals(-Errno.ENOENT, mount.statResult("d/f"));
    assertEquals(Set.of(), names("d"));
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
    assertEquals(Set.of("old"), names("."));
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
    assertEquals(Set.of("new", "old"), names("."));
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
    assertEquals(Set.of(), names("."));
  }

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

    // Data of the same length, and the time set back: only the transport can know.
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
    // A user who is not the one that mounted is let in, and checked.
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
  void directoryListsEveryNameOnceWithItsInode() {
    Set<String> expected = new TreeSet<>();
    for (int i = 0; i < 3000; i++) {
      String name = "a-name-of-some-length-" + i;
      expected.add(name);
      mount.write(name, "");
    }
    int fd = mount.open(".", OpenFlags.O_DIRECTORY);
    for (int round = 0; round < 2; round++) {
      List<String> listed = new ArrayList<>();
      DirectoryReader reader = new DirectoryReader();
      reader.start(fd);
      while (ok(reader.next()) > 0) {
        String name = new String(reader.name(), StandardCharsets.ISO_8859_1);
        listed.add(name);
        assertEquals(mount.stat(name).ino, reader.ino());
        assertEquals(Mode.S_IFREG, reader.type());
      }
      assertEquals(3000, listed.size());
      assertEquals(expected, new TreeSet<>(listed));
      ok((int) Linux.lseek(fd, 0, Linux.SEEK_SET));
    }
    Linux.close(fd);
    String dots = Commands.run("ls", "-fa", mount.mountPoint()).succeed().out();
    assertTrue(dots.startsWith(".\n..\n"), dots.substring(0, 20));
  }

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

  @Test
  void directoriesMoveWithAllThatIsKnownOfThem() {
    ok(Linux.mkdirat(mount.root, bytes("a"), 0755));
    ok(Linux.mkdirat(mount.root, bytes("a/b"), 0755));
    mount.write("a/b/f", "1");
    ok(Linux.renameat2(mount.root, bytes("a"), mount.root, bytes("c"), 0));
    assertEquals(-Errno.ENOENT, mount.statResult("a/b/f"));
    assertEquals("1", mount.read("c/b/f"));
    ok(Linux.mkdirat(mount.root, bytes("a"), 0755));
    ok(Linux.mkdirat(mount.root, bytes("a/b"), 0755));
    assertEquals(-Errno.ENOENT, mount.statResult("a/b/f"));
    mount.write("a/b/f", "2");
    assertEquals("1", mount.read("c/b/f"));
    assertEquals("2", mount.read("a/b/f"));
    ok(Linux.unlinkat(mount.root, bytes("a/b/f"), 0));
    ok(Linux.unlinkat(mount.root, bytes("a/b"), Linux.AT_REMOVEDIR));
    ok(Linux.mkdirat(mount.root, bytes("a/b"), 0755));
    assertEquals(Set.of(), names("a/b"));
    assertEquals(
        -Errno.EINVAL,
        Linux.renameat2(mount.root, bytes("a"), mount.root, bytes("c"), Linux.RENAME_EXCHANGE));
  }

  @Test
  void fourThreadsAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<Void>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        String mine = "t" + thread;
        ok(Linux.mkdirat(mount.root, bytes(mine), 0755));
        results.add(pool.submit(worker(mine)));
      }
      for (Future<Void> result : results) {
        result.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals(Set.of("t0", "t1", "t2", "t3", "shared"), names("."));
  }

  /** Changes its own directories, and moves one that all others move as well. */
  private Callable<Void> worker(String mine) {
    return () -> {
      for (int i = 0; i < 150; i++) {
        String directory = mine + "/d" + i;
        ok(Linux.mkdirat(mount.root, bytes(directory), 0755));
        mount.write(directory + "/f", directory);
        String moved = mine + "/e" + i;
        ok(Linux.renameat2(mount.root, bytes(directory), mount.root, bytes(moved), 0));
        assertEquals(directory, mount.read(moved + "/f"));
        Linux.mkdirat(mount.root, bytes("shared"), 0755);
        Linux.renameat2(mount.root, bytes("shared"), mount.root, bytes("shared2"), 0);
        Linux.renameat2(mount.root, bytes("shared2"), mount.root, bytes("shared"), 0);
        mount.statResult("shared/x");
        ok(Linux.unlinkat(mount.root, bytes(moved + "/f"), 0));
        ok(Linux.unlinkat(mount.root, bytes(moved), Linux.AT_REMOVEDIR));
      }
      return null;
    };
  }

  @Test
  void unusedFilesAreForgotten() {
    for (int i = 0; i < 50; i++) {
      mount.write("f" + i, "x");
      ok(Linux.unlinkat(mount.root, bytes("f" + i), 0));
    }
    assertFalse(mount.fileSystem.isDestroyed);
    assertEquals(1, mount.fileSystem.nodesInUse());
  }
}
