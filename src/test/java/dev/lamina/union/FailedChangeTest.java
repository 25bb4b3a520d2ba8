package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.testing.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A change that fails in the upper, because a directory is immutable, leaves nothing behind. */
class FailedChangeTest {
  private static final long ROOT = FuseFileSystem.ROOT;

  /** Runs a change while nothing can be made or removed in the directory. */
  private static void whileImmutable(Path directory, Executable action) throws Exception {
    Commands.run("chattr", "+i", "" + directory).succeed();
    try {
      assertDoesNotThrow(action);
    } finally {
      Commands.run("chattr", "-i", "" + directory).succeed();
    }
  }

  private static void refused(Executable change) {
    assertEquals(Errno.EPERM, assertThrows(ErrnoException.class, change).errno());
  }

  private static List<String> work(InProcess union) throws Exception {
    try (var files = Files.list(union.work().resolve("work"))) {
      // The whiteout that others are links to remains until the end.
      return files.filter(file -> !isWhiteout(file)).map(Path::toString).toList();
    }
  }

  private static boolean isWhiteout(Path file) {
    return !Files.isDirectory(file) && !Files.isRegularFile(file) && !Files.isSymbolicLink(file);
  }

  @Test
  void aLinkOverAWhiteout() throws Exception {
    try (InProcess union = new InProcess(1, 100)) {
      Files.createDirectory(union.lower(0).resolve("d"));
      Files.writeString(union.lower(0).resolve("d/gone"), "");
      union.mount();
      long file = union.create(ROOT, "file", "x");
      long directory = union.lookup(ROOT, "d").nodeid;
      byte[] name = InProcess.bytes("gone");
      union.fileSystem.unlink(union.context, directory, name);
      whileImmutable(
          union.upper().resolve("d"),
          () -> {
            refused(
                () ->
                    union.fileSystem.link(union.context, file, directory, name, new EntryReply()));
            assertEquals(List.of(), work(union));
          });
      union.fileSystem.link(union.context, file, directory, name, new EntryReply());
      assertEquals(List.of("gone"), union.list(directory));
    }
  }

  @Test
  void aDirectoryOverAnEmptiedOne() throws Exception {
    try (InProcess union = new InProcess(1, 100)) {
      Files.createDirectories(union.lower(0).resolve("to/old"));
      union.mount();
      EntryReply from = new EntryReply();
      union.fileSystem.mkdir(union.context, ROOT, InProcess.bytes("from"), 0755, from);
      EntryReply moved = new EntryReply();
      byte[] name = InProcess.bytes("moved");
      union.fileSystem.mkdir(union.context, from.nodeid, name, 0755, moved);
      long to = union.lookup(ROOT, "to").nodeid;
      union.fileSystem.rmdir(union.context, to, InProcess.bytes("old"));
      byte[] target = InProcess.bytes("to");
      whileImmutable(
          union.upper().resolve("from"),
          () -> {
            refused(
                () -> union.fileSystem.rename(union.context, from.nodeid, name, ROOT, target, 0));
            assertEquals(List.of(), work(union));
          });
      assertEquals(List.of(), union.list(to));
      union.create(to, "new", "x");
      assertEquals(List.of("new"), union.list(to));
      union.unmount();
      union.mount();
      assertEquals(List.of("new"), union.list(union.lookup(ROOT, "to").nodeid));
      assertEquals(List.of("moved"), union.list(union.lookup(ROOT, "from").nodeid));
    }
  }

  @Test
  void removalsOfDirectories() throws Exception {
    try (InProcess union = new InProcess(1, 20).mount()) {
      EntryReply parent = new EntryReply();
      union.fileSystem.mkdir(union.context, ROOT, InProcess.bytes("d"), 0755, parent);
      List<byte[]> names = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        names.add(InProcess.bytes("d" + i));
        EntryReply made = new EntryReply();
        union.fileSystem.mkdir(union.context, parent.nodeid, names.get(i), 0755, made);
      }
      long before = InProcess.openDescriptors();
      whileImmutable(
          union.upper().resolve("d"),
          () -> {
            for (byte[] name : names) {
              refused(() -> union.fileSystem.rmdir(union.context, parent.nodeid, name));
            }
          });
      assertTrue(InProcess.openDescriptors() <= before + 10, "no more than the cache has");
    }
  }
}
