package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** mmap. Java unmaps when it pleases, so these mounts are left busy and detached lazily. */
class MappingTest extends UnionTest {
  @Test
  void mappingsReadAndWrite() throws IOException {
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("mapped", "0123456789");
      union.mount();
      Path path = Path.of(union.merged().string("mapped"));
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        assertEquals('5', channel.map(MapMode.READ_ONLY, 0, 10).get(5));
      }
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        MappedByteBuffer mapping = channel.map(MapMode.READ_WRITE, 0, 10);
        mapping.put(5, (byte) 'm');
        mapping.force();
      }
      assertEquals("01234m6789", union.merged().read("mapped"));
      assertEquals("01234m6789", union.upper().read("mapped"));
      assertEquals("0123456789", union.lower().read("mapped"));
    }
  }

  @Test
  void mappingOfUnlinkedFileKeepsItsData() throws IOException {
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("mapped", "0123456789");
      union.mount();
      Path path = Path.of(union.merged().string("mapped"));
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        MappedByteBuffer mapping = channel.map(MapMode.READ_ONLY, 0, 10);
        Tree.ok(union.merged().unlink("mapped"));
        assertEquals('7', mapping.get(7));
      }
    }
  }

  /** Two layers on different file systems with equal inode numbers are not taken for one file. */
  @Test
  void equalInodeNumbersOnDifferentFileSystemsAreDifferentFiles() throws IOException {
    try (Union union = Union.writable(mounter, 2)) {
      for (int i = 0; i < 2; i++) {
        Commands.run("mount", "-t", "tmpfs", "tmpfs", union.lower(i).string("")).succeed();
        union.lower(i).write("of-" + i, "contents " + i);
      }
      assertEquals(union.lower(0).stat("of-0").ino, union.lower(1).stat("of-1").ino);
      union.mount();
      for (int i : List.of(0, 1, 0)) {
        String name = "of-" + i;
        assertEquals("contents " + i, union.merged().read(name));
        Path path = Path.of(union.merged().string(name));
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
          assertEquals('0' + i, channel.map(MapMode.READ_ONLY, 0, 10).get(9));
        }
      }
      if (mounter.isLamina()) {
        // The kernel tells them apart by st_dev instead, which FUSE has only one of.
        assertEquals(false, union.merged().stat("of-0").ino == union.merged().stat("of-1").ino);
      }
    }
  }
}
