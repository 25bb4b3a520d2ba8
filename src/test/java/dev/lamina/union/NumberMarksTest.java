package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Tests a copied-up file's number after a remount if inode numbers alone do not distinguish layers.
 */
class NumberMarksTest {
  private static void write(InProcess union, String name) throws Exception {
    long file = union.lookup(1, name).nodeid;
    union.fileSystem.release(union.context, file, union.open(file, OpenFlags.O_RDWR));
  }

  private static void remount(InProcess union) throws Exception {
    union.unmount();
    union.mount();
  }

  @Test
  void rootsWithEqualNumbersOnDifferentFileSystems() throws Exception {
    try (InProcess union = new InProcess(2, 100)) {
      for (int i = 0; i < 2; i++) {
        Commands.run("mount", "-t", "tmpfs", "tmpfs", "" + union.lower(i)).succeed();
        Files.writeString(union.lower(i).resolve("f" + i), "of " + i);
      }
      assertEquals(ino(union.lower(0)), ino(union.lower(1)));
      union.mount();
      long[] before = {number(union, "f0"), number(union, "f1")};
      assertNotEquals(before[0], before[1]);
      write(union, "f0");
      write(union, "f1");
      remount(union);
      assertEquals(before[0], number(union, "f0"));
      assertEquals(before[1], number(union, "f1"));
    }
  }

  /** Numbers do not depend on what is looked at first, and are small enough for 32-bit programs. */
  @Test
  void numbersOfManyFileSystemsDependOnTheirOrderAlone() throws Exception {
    try (InProcess union = new InProcess(3, 100)) {
      for (int i = 0; i < 3; i++) {
        Commands.run("mount", "-t", "tmpfs", "tmpfs", "" + union.lower(i)).succeed();
        Files.writeString(union.lower(i).resolve("f" + i), "of " + i);
      }
      union.mount();
      long[] numbers = new long[3];
      for (int i = 2; i >= 0; i--) {
        numbers[i] = number(union, "f" + i);
        assertEquals(0, numbers[i] >>> 32);
      }
      assertEquals(3, Arrays.stream(numbers).distinct().count());
      write(union, "f1");
      remount(union);
      for (int i = 0; i < 3; i++) {
        assertEquals(numbers[i], number(union, "f" + i));
      }
    }
  }

  /** If copies of one image have the same id, a copied-up file shows its own number. */
  @Test
  void fileSystemsWithEqualIds() throws Exception {
    try (InProcess union = new InProcess(2, 100)) {
      Path image = union.root.resolve("image");
      Commands.run("truncate", "--size=4M", "" + image).succeed();
      Commands.run("mkfs.ext4", "-q", "" + image).succeed();
      for (int i = 0; i < 2; i++) {
        Path copy = union.root.resolve("image" + i);
        Commands.run("cp", "" + image, "" + copy).succeed();
        Commands.run("mount", "-o", "loop", "" + copy, "" + union.lower(i)).succeed();
        Files.writeString(union.lower(i).resolve("f" + i), "of " + i);
      }
      union.mount();
      write(union, "f0");
      write(union, "f1");
      long[] copies = {number(union, "f0"), number(union, "f1")};
      assertNotEquals(copies[0], copies[1]);
      remount(union);
      assertEquals(copies[0], number(union, "f0"));
      assertEquals(copies[1], number(union, "f1"));
    }
  }

  private static long ino(Path path) throws Exception {
    return (Long) Files.getAttribute(path, "unix:ino");
  }

  private static long number(InProcess union, String name) throws Exception {
    return union.lookup(1, name).stat.ino;
  }
}
