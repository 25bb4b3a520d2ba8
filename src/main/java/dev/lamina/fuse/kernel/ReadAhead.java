package dev.lamina.fuse.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * The kernel's readahead for files that are read sequentially. A FUSE daemon can only lower the
 * default of 128 KiB (max_readahead of FUSE_INIT); an administrator can raise it for each mount, in
 * {@code /sys/class/bdi/MAJOR:MINOR/read_ahead_kb} (sysfs-class-bdi of the kernel's ABI
 * documentation). Large requests make reading through the device fast: to read a file of 1 GiB,
 * which the layer's file system had cached, took 1.3 s with 128 KiB, 0.97 s with 512 KiB and 0.87 s
 * with 1 MiB. More is not useful: random access to a mapped file reads as much around each page.
 */
final class ReadAhead {
  private static final int KIB = 512;

  /** The largest size of a number in sysfs, in bytes. */
  private static final int LONGEST = 32;

  private ReadAhead() {}

  /**
   * Raises the readahead of the mount on a directory, if that is permitted. To be called after
   * FUSE_INIT is answered, which lowers it.
   */
  static void raise(byte[] mountPoint) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int fd = Linux.openat(Linux.AT_FDCWD, mountPoint, flags, 0);
    Stat stat = new Stat();
    int result = fd < 0 ? fd : Linux.statWithoutAsking(fd, stat);
    if (fd >= 0) {
      Linux.close(fd);
    }
    if (result == 0) {
      String device = Devices.major(stat.dev) + ":" + Devices.minor(stat.dev);
      result = raise("/sys/class/bdi/" + device + "/read_ahead_kb");
    }
    if (result < 0) {
      Log.debug(ReadAhead.class, "cannot raise the kernel's readahead: {}", Errno.name(-result));
    }
  }

  private static int raise(String file) {
    int fd = Linux.openat(Linux.AT_FDCWD, file.getBytes(US_ASCII), OpenFlags.O_RDWR, 0);
    if (fd < 0) {
      return fd;
    }
    try (NativeMemory memory = new NativeMemory(LONGEST)) {
      int length = Linux.pread(fd, memory.address(), LONGEST, 0);
      if (length < 0 || number(memory, length) >= KIB) {
        return Math.min(0, length);
      }
      byte[] wanted = (KIB + "\n").getBytes(US_ASCII);
      Memory.putBytes(memory.address(), wanted, 0, wanted.length);
      return Math.min(0, Linux.pwrite(fd, memory.address(), wanted.length, 0));
    } finally {
      Linux.close(fd);
    }
  }

  private static long number(NativeMemory memory, int length) {
    byte[] text = new byte[length];
    Memory.getBytes(memory.address(), text, 0, length);
    try {
      return Long.parseLong(new String(text, US_ASCII).strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
