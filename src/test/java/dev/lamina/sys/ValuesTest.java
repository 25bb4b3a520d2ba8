package dev.lamina.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

/** Tests the classes that make no system calls: device and error numbers, modes and flags. */
class ValuesTest {
  @Test
  void deviceNumbersTakeAllBitsApartAndTogether() {
    int[] parts = {0, 1, 0xff, 0x100, 0xfff, 0x1000, 0xfffff, 0x100000, 0x7fffffff, -1};
    for (int major : parts) {
      for (int minor : parts) {
        long dev = Devices.make(major, minor);
        assertEquals(major, Devices.major(dev));
        assertEquals(minor, Devices.minor(dev));
      }
    }
    assertEquals(0x103, Devices.make(1, 3));
  }

  @Test
  void everyErrorNumberHasItsName() throws IllegalAccessException {
    for (Field field : Errno.class.getFields()) {
      assertEquals(field.getName(), Errno.name(field.getInt(null)));
      assertFalse(Errno.message(field.getInt(null)).startsWith("error "));
    }
    assertEquals("no such file or directory", Errno.message(Errno.ENOENT));
    for (int unknown : new int[] {Integer.MIN_VALUE, -2, 0, 133, 134, 9999}) {
      assertEquals("errno " + unknown, Errno.name(unknown));
      assertEquals("error " + unknown, Errno.message(unknown));
    }
  }

  @Test
  void processorsAreCounted() throws IOException {
    assertEquals(1, Processors.count("0"));
    assertEquals(2, Processors.count("0-1"));
    assertEquals(14, Processors.count("0-7,9,16-20"));
    for (String wrong : new String[] {"", "a", "0-", "1,,2"}) {
      assertThrows(IOException.class, () -> Processors.count(wrong));
    }
    assertTrue(Processors.possible() >= Runtime.getRuntime().availableProcessors());
  }

  @Test
  void modesHaveOneType() {
    int[] types = {
      Mode.S_IFSOCK,
      Mode.S_IFLNK,
      Mode.S_IFREG,
      Mode.S_IFBLK,
      Mode.S_IFDIR,
      Mode.S_IFCHR,
      Mode.S_IFIFO,
    };
    for (int type : types) {
      int mode = type | Mode.PERMISSIONS;
      assertEquals(type, Mode.type(mode));
      assertEquals(type, Mode.fromDirentType(Mode.toDirentType(mode)));
      assertEquals(type == Mode.S_IFDIR, Mode.isDirectory(mode));
      assertEquals(type == Mode.S_IFREG, Mode.isRegular(mode));
      assertEquals(type == Mode.S_IFLNK, Mode.isSymlink(mode));
      assertEquals(type == Mode.S_IFBLK || type == Mode.S_IFCHR, Mode.isDevice(mode));
    }
  }

  @Test
  void theAccessModeDecidesWhatIsWritable() {
    assertFalse(OpenFlags.isWritable(OpenFlags.O_RDONLY | OpenFlags.O_TRUNC));
    assertTrue(OpenFlags.isWritable(OpenFlags.O_WRONLY | OpenFlags.O_APPEND));
    assertTrue(OpenFlags.isWritable(OpenFlags.O_RDWR));
  }

  @Test
  void aDescriptorIsClosedOnceByItsOwner() {
    Workspace work = new Workspace();
    work.write("f", "x");
    Fd fd = new Fd(work.open("f", OpenFlags.O_RDONLY));
    int number = fd.number();
    assertEquals(number, fd.release());
    fd.close();
    assertEquals(Linux.FD_CLOEXEC, Linux.fcntl(number, Linux.F_GETFD, 0));
    Fd again = new Fd(number);
    again.close();
    again.close();
    assertEquals(-Errno.EBADF, Linux.fcntl(number, Linux.F_GETFD, 0));
    assertThrows(IllegalStateException.class, again::number);
    assertThrows(IllegalStateException.class, again::release);
    assertThrows(IllegalArgumentException.class, () -> new Fd(-Errno.ENOENT));
    work.close();
  }
}
