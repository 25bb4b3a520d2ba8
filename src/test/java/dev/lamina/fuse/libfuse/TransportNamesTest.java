package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static dev.lamina.fuse.libfuse.MirrorMount.ok;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Commands;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tests operations on names that pass through the kernel and libfuse to a file system and back. */
class TransportNamesTest extends MirrorMountTest {
  @Test
  void namesAreBytes() {
    byte[] name = {(byte) 0xff, (byte) 0xfe, 'x', (byte) 0x80, '\n'};
    byte[] target = {(byte) 0xe9, '/', (byte) 0xff, ','};
    mount.write(new String(name, StandardCharsets.ISO_8859_1), "data");
    ok(Linux.symlinkat(target, mount.root, bytes("\u00c3\u00ff")));
    ok(Linux.mkdirat(mount.root, bytes("\u00e4"), 0755));
    ok(Linux.renameat2(mount.root, name, mount.root, bytes("\u00e4/\u00ff"), 0));
    assertEquals("data", mount.read("\u00e4/\u00ff"));
    assertEquals(Set.of("\u00c3\u00ff", "\u00e4"), mount.names("."));
    assertEquals(Set.of("\u00ff"), mount.names("\u00e4"));
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
    assertEquals(Set.of(), mount.names("a/b"));
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
    assertEquals(Set.of("t0", "t1", "t2", "t3", "shared"), mount.names("."));
  }

  /** Changes its own directories, and renames one that all other threads rename as well. */
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
