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
 * How much the kernel reads ahead of who reads a file in order. FUSE has no say in it but to lower
 * the kernel's 128 KiB (max_readahead of FUSE_INIT); the administrator raises it for each mount, in
 * {@code /sys/class/bdi/MAJOR:MINOR/read_ahead_kb} (sysfs-class-bdi of the kernel's ABI
 * documentation). Large requests are what makes reading through the device fast: a file of 1 GiB
 * that the layer's file system has in its cache took 1.3 s to read with 128 KiB, 0.97 s with 512
 * KiB, 0.87 s with 1 MiB. More is not wanted, since who reads a mapped file here and there gets as
 * much around each page.
 */
final class ReadAhead {
  private static final int KIB = 512;

  /** Bytes of a number in sysfs. */
  private static final int LONGEST = 32;

  private ReadAhead() {}

  /**
   * Raises it for what is mounted on a directory, where that is allowed. After FUSE_INIT is
   * answered, which lowers it.
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
      Log.debug(ReadAhead.class, "the kernel reads ahead as it does: {}", Errno.name(-result));
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
