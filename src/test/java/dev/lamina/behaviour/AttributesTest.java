package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Waiting;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** stat, statfs, chmod, chown and the times of objects in the lower and in the upper layer. */
class AttributesTest extends SharedMountTest {
  /** OVERLAYFS_SUPER_MAGIC of linux/magic.h. */
  private static final long OVERLAY_MAGIC = 0x794c7630;

  @Override
  void fill(Union layers) {
    for (String place : List.of("lower", "upper")) {
      Tree layer = place.equals("lower") ? layers.lower() : layers.upper();
      layer.write(place + "/file", "12345");
      layer.directory(place + "/directory");
      ok(layer.symlink("file", place + "/symlink"));
      ok(layer.mknod(place + "/fifo", Mode.S_IFIFO | 0644, 0));
      ok(layer.mknod(place + "/device", Mode.S_IFBLK | 0600, 0x712));
      ok(layer.mknod(place + "/other-device", Mode.S_IFBLK | 0600, 0x713));
      layer.write(place + "/linked", "two names");
      ok(layer.link(place + "/linked", place + "/linked-too"));
    }
  }

  private static final String[] OBJECTS = {"file", "directory", "symlink", "fifo", "device"};

  @ParameterizedTest
  @ValueSource(strings = {"lower", "upper"})
  void statTellsWhatTheLayerTells(String place) {
    Tree layer = place.equals("lower") ? union.lower() : upper;
    for (String name : List.of("linked", "linked-too")) {
      Stat expected = layer.stat(place + "/" + name);
      Stat actual = merged.stat(place + "/" + name);
      assertEquals(expected.mode, actual.mode, name);
      assertEquals(expected.nlink, actual.nlink, name);
      assertEquals(expected.size, actual.size, name);
      assertEquals(expected.blocks, actual.blocks, name);
      assertEquals(expected.rdev, actual.rdev, name);
      assertEquals(expected.mtimeSeconds, actual.mtimeSeconds, name);
      assertEquals(expected.mtimeNanos, actual.mtimeNanos, name);
      assertEquals(expected.ctimeSeconds, actual.ctimeSeconds, name);
      assertEquals(expected.ctimeNanos, actual.ctimeNanos, name);
    }
    assertEquals(
        merged.stat(place + "/linked").ino, merged.stat(place + "/linked-too").ino, "one file");
    assertEquals(Mode.S_IFBLK | 0600, merged.stat(place + "/other-device").mode);
    assertEquals(0x713, merged.stat(place + "/other-device").rdev);
    assertEquals(4, merged.stat(place + "/symlink").size);
  }

  @Test
  void inodeNumbersAreUniqueAndNeverZero() {
    Set<Long> seen = new HashSet<>();
    for (String place : List.of("lower", "upper")) {
      for (String name : OBJECTS) {
        long ino = merged.stat(place + "/" + name).ino;
        assertNotEquals(0, ino);
        assertTrue(seen.add(ino), place + "/" + name);
      }
    }
  }

  @Test
  void statfsNamesTheFileSystemAndTellsOfTheUpper() {
    FileSystemStat actual = merged.statfs("");
    FileSystemStat expected = upper.statfs("");
    assertEquals(mounter.isLamina() ? FileSystemStat.FUSE_MAGIC : OVERLAY_MAGIC, actual.type);
    assertEquals(255, actual.nameLength);
    assertEquals(
        expected.blocks * expected.fragmentSize, actual.blocks * actual.fragmentSize, "bytes");
    assertEquals(expected.files, actual.files);
    assertTrue(actual.blocksFree > 0 && actual.blocksFree <= actual.blocks);
    assertEquals(actual.type, merged.statfs("lower/file").type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lower", "upper"})
  void chmodSetsPermissions(String place) {
    for (String name : List.of("file", "directory", "fifo", "device")) {
      String path = place + "/" + name;
      int type = merged.stat(path).type();
      for (int mode : new int[] {0, 01777, 04711, 02755, 0640}) {
        ok(merged.chmod(path, mode));
        assertEquals(type | mode, merged.stat(path).mode, name);
        assertEquals(type | mode, upper.stat(path).mode, name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lower", "upper"})
  void chownSetsOwners(String place) {
    for (String name : OBJECTS) {
      String path = place + "/" + name;
      ok(merged.chown(path, 70_000, -1));
      ok(merged.chown(path, -1, 0x7fff_fffe));
      assertEquals(70_000, merged.stat(path).uid, name);
      assertEquals(0x7fff_fffe, merged.stat(path).gid, name);
      assertEquals(70_000, upper.stat(path).uid, name);
      ok(merged.chown(path, 0, 0));
      assertEquals(0, merged.stat(path).uid, name);
    }
    assertEquals("file", merged.readlink(place + "/symlink"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lower", "upper"})
  void timesKeepNanoseconds(String place) {
    for (String name : OBJECTS) {
      String path = place + "/" + name;
      ok(merged.utimens(path, 1_234_567_890, 123_456_789, 987_654_321, 999_999_999));
      assertTimes(path, 1_234_567_890, 123_456_789, 987_654_321, 999_999_999);
      ok(merged.utimens(path, 0, Linux.UTIME_OMIT, 5_000_000_000L, 1));
      assertTimes(path, 1_234_567_890, 123_456_789, 5_000_000_000L, 1);
      ok(merged.utimens(path, 1, 2, 0, Linux.UTIME_OMIT));
      assertTimes(path, 1, 2, 5_000_000_000L, 1);
      ok(merged.utimens(path, -1, 0, -1, 500_000_000));
      assertTimes(path, -1, 0, -1, 500_000_000);
      ok(merged.utimens(path, 0, Linux.UTIME_OMIT, 0, Linux.UTIME_NOW));
      assertEquals(-1, merged.stat(path).atimeSeconds);
      long age = System.currentTimeMillis() / 1000 - merged.stat(path).mtimeSeconds;
      assertTrue(Math.abs(age) < 60, "seconds since now: " + age);
    }
  }

  private void assertTimes(String path, long atime, int atimeNanos, long mtime, int mtimeNanos) {
    for (Tree tree : List.of(merged, upper)) {
      Stat stat = tree.stat(path);
      assertArrayEquals(
          new long[] {atime, atimeNanos, mtime, mtimeNanos},
          new long[] {stat.atimeSeconds, stat.atimeNanos, stat.mtimeSeconds, stat.mtimeNanos},
          path);
    }
  }

  @Test
  void changesMoveTheTimesOfFileAndDirectory() {
    ok(merged.mkdir("times", 0755));
    merged.write("times/file", "x");
    Stat file = merged.stat("times/file");
    Stat directory = merged.stat("times");
    awaitClockTick();
    ok(merged.chmod("times/file", 0600));
    assertTrue(later(merged.stat("times/file"), file, false), "chmod sets ctime");
    assertEquals(file.mtimeNanos, merged.stat("times/file").mtimeNanos, "chmod keeps mtime");
    assertEquals(directory.mtimeNanos, merged.stat("times").mtimeNanos);
    merged.append("times/file", "y");
    assertTrue(later(merged.stat("times/file"), file, true), "a write sets mtime");
    ok(merged.rename("times/file", "times/new"));
    assertTrue(later(merged.stat("times"), directory, true), "a rename sets the directory's");
    Stat renamed = merged.stat("times");
    awaitClockTick();
    ok(merged.unlink("times/new"));
    assertTrue(later(merged.stat("times"), renamed, true), "an unlink sets the directory's");
  }

  /** Until a change has another time than one that was made before: the clock goes in steps. */
  private void awaitClockTick() {
    Tree place = new Tree(union.sandbox().directory("clock"));
    place.write("first", "");
    Stat first = place.stat("first");
    // A new file each time: that of one which was looked at goes in smaller steps.
    Waiting.until(
        "a later time",
        () -> {
          place.write("second", "");
          Stat second = place.stat("second");
          ok(place.unlink("second"));
          return later(second, first, false);
        });
  }

  private static boolean later(Stat now, Stat before, boolean mtime) {
    long seconds =
        mtime ? now.mtimeSeconds - before.mtimeSeconds : now.ctimeSeconds - before.ctimeSeconds;
    long nanos = mtime ? now.mtimeNanos - before.mtimeNanos : now.ctimeNanos - before.ctimeNanos;
    return seconds * 1_000_000_000 + nanos > 0;
  }

  @Test
  void descriptorAttributesAreTheFiles() {
    merged.write("fd/file", "12345");
    int fd = ok(merged.open("fd/file", OpenFlags.O_RDWR));
    ok(Linux.fchmod(fd, 0400));
    ok(Linux.fchown(fd, 11, 12));
    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    assertEquals(Mode.S_IFREG | 0400, stat.mode);
    assertEquals(11, stat.uid);
    assertEquals(merged.stat("fd/file").ino, stat.ino);
    ok(Linux.ftruncate(fd, 2));
    ok(Linux.fstat(fd, stat));
    assertEquals(2, stat.size);
    ok(Linux.fsync(fd));
    ok(Linux.fdatasync(fd));
    ok(Linux.close(fd));
    int directory = ok(merged.open("fd", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
    ok(Linux.fsync(directory));
    ok(Linux.fchmod(directory, 0711));
    assertEquals(Mode.S_IFDIR | 0711, merged.stat("fd").mode);
    ok(Linux.close(directory));
  }

  @Test
  void rootDirectoryCanBeChanged() {
    ok(merged.chmod("", 0751));
    ok(merged.chown("", 3, 4));
    assertEquals(Mode.S_IFDIR | 0751, merged.stat("").mode);
    assertEquals(3, upper.stat("").uid);
    refused(Errno.ENOENT, merged.lstat("none"));
  }
}
