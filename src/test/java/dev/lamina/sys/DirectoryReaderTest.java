package dev.lamina.sys;

import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that a listing has each name once, with its type and inode number. */
class DirectoryReaderTest {
  private final Workspace work = new Workspace();
  private final DirectoryReader reader = new DirectoryReader();

  @AfterEach
  void close() {
    work.close();
  }

  private record Entry(int type, long ino) {}

  private Map<String, Entry> read(int fd) {
    Map<String, Entry> entries = new TreeMap<>();
    reader.start(fd);
    while (must(reader.next()) > 0) {
      String name = new String(reader.name(), StandardCharsets.ISO_8859_1);
      assertEquals(name.length(), reader.nameLength());
      assertNull(entries.put(name, new Entry(reader.type(), reader.ino())), name);
    }
    assertEquals(0, reader.next());
    return entries;
  }

  private Map<String, Entry> read(String directory) {
    int fd = work.open(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    Map<String, Entry> entries = read(fd);
    must(Linux.close(fd));
    return entries;
  }

  @Test
  void everyTypeAndNameComesAsItIs() {
    assertEquals(Map.of(), read("."));
    Map<String, Entry> expected = new TreeMap<>();
    int[] types = {Mode.S_IFREG, Mode.S_IFIFO, Mode.S_IFSOCK, Mode.S_IFCHR, Mode.S_IFBLK};
    for (int type : types) {
      must(Linux.mknodat(work.dir, bytes("node" + type), type | 0600, 0));
    }
    must(Linux.mkdirat(work.dir, bytes("directory"), 0700));
    must(Linux.symlinkat(bytes("x"), work.dir, bytes("link")));
    for (String name : new String[] {"...", "..a", ".a", "n".repeat(255), "\u00ff\n\u0001"}) {
      work.write(name, "");
    }
    for (String name : read(".").keySet()) {
      Stat stat = work.stat(name);
      expected.put(name, new Entry(stat.type(), stat.ino));
    }
    assertEquals(12, expected.size());
    assertEquals(expected, read("."));
  }

  @Test
  void tenThousandEntries() {
    must(Linux.mkdirat(work.dir, bytes("d"), 0700));
    Map<String, Entry> expected = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      String name = "d/" + i;
      must(Linux.mknodat(work.dir, bytes(name), Mode.S_IFREG | 0600, 0));
      expected.put("" + i, new Entry(Mode.S_IFREG, work.stat(name).ino));
    }
    assertEquals(expected, read("d"));
  }

  @Test
  void aReaderGoesOnToAnotherDirectoryAndBack() {
    must(Linux.mkdirat(work.dir, bytes("d"), 0700));
    work.write("d/inner", "");
    int fd = must(Linux.reopen(work.dir, OpenFlags.O_RDONLY));
    reader.start(fd);
    assertEquals(1, reader.next());
    assertEquals(1, read("d").size());
    // The descriptor's position is at the end, and entries that were read ahead are dropped.
    assertEquals(0, read(fd).size());
    assertEquals(0, Linux.lseek(fd, 0, Linux.SEEK_SET));
    assertEquals(1, read(fd).size());
    Linux.close(fd);
  }

  @Test
  void errorsComeBack() {
    work.write("f", "");
    int file = work.open("f", OpenFlags.O_RDONLY);
    reader.start(file);
    assertEquals(-Errno.ENOTDIR, reader.next());
    assertEquals(-Errno.ENOTDIR, reader.next());
    Linux.close(file);
    reader.start(work.dir);
    assertEquals(-Errno.EBADF, reader.next());
    must(Linux.mkdirat(work.dir, bytes("d"), 0700));
    int removed = work.open("d", OpenFlags.O_RDONLY);
    must(Linux.unlinkat(work.dir, bytes("d"), Linux.AT_REMOVEDIR));
    reader.start(removed);
    assertEquals(-Errno.ENOENT, reader.next());
    Linux.close(removed);
  }
}
