package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Mounter;
import dev.lamina.testing.Tree;
import dev.lamina.testing.Users;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/**
 * Files that the kernel reads and writes by itself, where it can: libraries are of these. That no
 * write lands in a layer, the end of every test class on a shared mount checks.
 */
class PassthroughTest extends SharedMountTest {
  private static final int RW = OpenFlags.O_RDWR;
  private static final int RO = OpenFlags.O_RDONLY;

  /** What makes a library of a file. */
  private static final String ELF = "\u007fELF ";

  private static final String LONGER = "longer contents of a file with two names";
  private static final String CAPABILITY = "security.capability";

  @Override
  void fill(Union layers) {
    for (String name : new String[] {"two", "three", "linked", "cut", "reader"}) {
      layers.lower().write(name + ".so", contents(name));
    }
  }

  private static String contents(String name) {
    return ELF + "contents of " + name;
  }

  /** Of what it does not read by itself. */
  @Test
  void theKernelReadsFarAhead() throws IOException {
    assumeTrue(mounter == Mounter.LAMINA_KERNEL || mounter == Mounter.LAMINA_IO_URING);
    Stat stat = merged.stat("two.so");
    String device = Devices.major(stat.dev) + ":" + Devices.minor(stat.dev);
    Path setting = Path.of("/sys/class/bdi/" + device + "/read_ahead_kb");
    assumeTrue(Files.isWritable(setting), "sysfs is read-only here");
    assertEquals("512", Files.readString(setting).strip());
  }

  @Test
  void openedForReadingThenForWriting() {
    int reader = ok(merged.open("two.so", RO));
    int writer = ok(merged.open("two.so", RW));
    Tree.pwrite(writer, "CON", ELF.length());
    assertEquals(ELF + "CONtents of two", merged.read("two.so"));
    assertEquals(ELF + "CONtents of two", upper.read("two.so"));
    assertEquals(inode(reader), inode(writer));
    if (mounter.isLamina() && mounter.capabilities().passthrough()) {
      // The price of passthrough: who has it open keeps what there was.
      assertEquals(contents("two"), Tree.pread(reader, 100, 0));
    }
    close(reader, writer);
    assertEquals(ELF + "CONtents of two", merged.read("two.so"));
  }

  /** A change of metadata copies it up; the next reader shares the kernel's view of the first. */
  @Test
  void openedForReadingAcrossACopyUp() {
    int first = ok(merged.open("three.so", RO));
    ok(merged.chmod("three.so", 0640));
    int second = ok(merged.open("three.so", RO));
    close(first);
    int writer = ok(merged.open("three.so", RW));
    Tree.pwrite(writer, "CON", ELF.length());
    assertEquals(ELF + "CONtents of three", upper.read("three.so"));
    assertEquals(ELF + "CONtents of three", merged.read("three.so"));
    close(second, writer);
  }

  @Test
  void everyNameLeadsToTheSameFile() {
    int reader = ok(merged.open("linked.so", RO));
    ok(merged.link("linked.so", "other.so"));
    assertEquals(contents("linked"), merged.read("other.so"));
    int writer = ok(merged.open("linked.so", RW));
    Tree.pwrite(writer, LONGER, 0);
    close(writer);
    assertEquals(LONGER, merged.read("other.so"));
    // What is opened from now on shows it, also by way of the old descriptor.
    int again = ok(Linux.openat(Linux.AT_FDCWD, Tree.bytes("/proc/self/fd/" + reader), RO, 0));
    assertEquals(inode(reader), inode(again));
    assertEquals(LONGER, Tree.pread(again, 100, 0));
    close(again);
    assertEquals(LONGER.length(), merged.stat("other.so").size);
    // What was opened before shows changes of attributes, too.
    assertEquals(0, stat(reader).uid);
    ok(merged.chown("other.so", 4321, 0));
    assertEquals(4321, stat(reader).uid);
    close(reader);
  }

  @Test
  void cutOffWhileItIsRead() {
    int reader = ok(merged.open("cut.so", RO));
    ok(merged.truncate("cut.so", 8));
    assertEquals(ELF + "con", merged.read("cut.so"));
    assertEquals(8, merged.stat("cut.so").size);
    close(reader);
    assertEquals(ELF + "con", merged.read("cut.so"));
  }

  /** Read while the daemon stands still. */
  @Test
  void programsOfLowerLayersAreReadByTheKernel() throws Exception {
    assumeTrue(
        mounter.isLamina() && mounter.capabilities().passthrough(), "it reads all by itself");
    int size = 1 << 20;
    try (Union union = Union.writable(mounter, 1)) {
      union.lower().write("program", ELF + "x".repeat(size));
      union.mount();
      assertReadsWithoutTheDaemon(union, "program", size);
    }
  }

  static void assertReadsWithoutTheDaemon(Union union, String name, int size) throws Exception {
    int fd = ok(union.merged().open(name, RO));
    Daemon daemon = Daemon.of(union.mountPoint());
    daemon.signal("STOP");
    try {
      int read =
          CompletableFuture.supplyAsync(() -> Tree.pread(fd, size, ELF.length()).length())
              .get(20, TimeUnit.SECONDS);
      assertEquals(size, read);
    } finally {
      daemon.signal("CONT");
      close(fd);
    }
  }

  @Test
  void aMappingChangesTheTimesAfterItsDescriptorIsClosed() throws IOException {
    try (Union union = Union.writable(mounter, 1)) {
      union.mount();
      union.merged().write("mapped", "0123456789");
      Path path = Path.of(union.merged().string("mapped"));
      MappedByteBuffer mapping;
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        mapping = channel.map(MapMode.READ_WRITE, 0, 10);
      }
      ok(union.merged().utimens("mapped", 1000, 0));
      assertEquals(1000, union.merged().stat("mapped").mtimeSeconds);
      mapping.put(0, (byte) 'm');
      mapping.force();
      Waiting.until("the time shows", () -> union.merged().stat("mapped").mtimeSeconds != 1000);
    }
  }

  /** As every write by an ordinary user does. */
  @Test
  void copyingIntoASetuidFileTakesTheBitAway() {
    merged.write("source", "contents");
    ok(merged.chmod("source", 0644));
    setuid("copied-to", 04777);
    Users.asNobody(
        () -> {
          int in = ok(merged.open("source", RO));
          int out = ok(merged.open("copied-to", RW));
          assertEquals(8, Linux.copyFileRange(in, 0, out, 0, 8));
          close(in, out);
          return null;
        });
    assertEquals(0777, merged.stat("copied-to").mode & Mode.PERMISSIONS);
  }

  @Test
  void writingASetuidFileThatIsBeingReadTakesTheBitAway() {
    setuid("read", 0777);
    int reader = ok(merged.open("read", RO));
    ok(merged.chmod("read", 06777));
    writtenByNobody(() -> ok(merged.open("read", RW)));
    assertMode(0777, "read");
    close(reader);
  }

  /**
   * Also where root has opened it, who may write without that: the kernel asks before it writes.
   */
  @Test
  void whoWritesDecidesNotWhoOpened() {
    setuid("handed-over", 06777);
    int writer = ok(merged.open("handed-over", RW));
    Tree.pwrite(writer, "root", 0);
    assertMode(06777, "handed-over");
    writtenByNobody(() -> writer);
    assertMode(0777, "handed-over");
    ok(merged.chmod("handed-over", 06777));
    int ordinary = Users.asNobody(() -> ok(merged.open("handed-over", RW)));
    assertMode(06777, "handed-over");
    Tree.pwrite(ordinary, "root", 0);
    assertMode(06777, "handed-over");
    close(ordinary);
  }

  /** Root's writing takes capabilities away, and nothing else. */
  @Test
  void rootsWritingTakesCapabilitiesAloneAway() {
    for (int flags : new int[] {RW, RW | OpenFlags.O_APPEND}) {
      setuid("capable", 06755);
      ok(merged.setxattr("capable", CAPABILITY, CopyUpTest.CAPABILITY));
      int writer = ok(merged.open("capable", flags));
      Tree.pwrite(writer, "root", 0);
      assertMode(06755, "capable");
      assertNull(merged.xattr("capable", CAPABILITY));
      close(writer);
      ok(merged.unlink("capable"));
    }
  }

  /** chown(2) to the owner it has takes the bits away, whoever asks. */
  @Test
  void givenToItsOwnOwner() {
    setuid("owned", 06755);
    ok(merged.chown("owned", -1, -1));
    assertMode(0755, "owned");
    // Setgid that the group may not use stays for who may set it.
    setuid("owned", 06745);
    ok(merged.chown("owned", -1, -1));
    assertMode(02745, "owned");
  }

  /**
   * Since Linux 6.2 setgid goes without group execution, too, unless a member of the group writes.
   */
  @Test
  void setgidWithoutGroupExecution() {
    assumeFalse(
        mounter == Mounter.LAMINA_LIBFUSE, "the kernel itself takes bits away, not this one");
    setuid("members", 02766);
    writtenByNobody(() -> ok(merged.open("members", RW)));
    assertMode(0766, "members");
    ok(merged.chown("members", 0, Users.NOBODY));
    ok(merged.chmod("members", 02766));
    writtenByNobody(() -> ok(merged.open("members", RW)));
    assertMode(02766, "members");
  }

  /** Closes the file that is opened, or taken over, as the one who writes. */
  private static void writtenByNobody(IntSupplier open) {
    Users.asNobody(
        () -> {
          int writer = open.getAsInt();
          Tree.pwrite(writer, "x", 0);
          close(writer);
          return null;
        });
  }

  private void assertMode(int mode, String name) {
    assertEquals(mode, merged.stat(name).mode & Mode.PERMISSIONS, name);
  }

  private void setuid(String name, int mode) {
    merged.write(name, "a program");
    ok(merged.chmod(name, mode));
  }

  private static long inode(int fd) {
    return stat(fd).ino;
  }

  private static Stat stat(int fd) {
    Stat stat = new Stat();
    ok(Linux.fstat(fd, stat));
    return stat;
  }

  private static void close(int... descriptors) {
    for (int fd : descriptors) {
      ok(Linux.close(fd));
    }
  }
}
