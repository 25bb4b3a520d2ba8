package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseDevice;
import dev.lamina.fuse.wire.DeviceIoctl;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.nio.ByteOrder;

/** An open /dev/fuse: requests come out of it, answers go in. Each thread has one of its own. */
final class DevFuse implements AutoCloseable {
  private final Fd fd;

  /** Takes ownership of an open descriptor of the device. */
  DevFuse(Fd fd) {
    this.fd = fd;
  }

  int fd() {
    return fd.number();
  }

  /**
   * Opens the device once more for the same mount, so that threads do not share a queue of requests
   * under way (FUSE_DEV_IOC_CLONE).
   *
   * @return null where that cannot be had; the threads then share this one
   */
  DevFuse openClone() {
    int clone = Linux.openat(Linux.AT_FDCWD, FuseDevice.PATH, OpenFlags.O_RDWR, 0);
    if (clone < 0) {
      return null;
    }
    if (Linux.ioctl(clone, DeviceIoctl.CLONE, argument(fd()), 0) < 0) {
      Linux.close(clone);
      return null;
    }
    return new DevFuse(new Fd(clone));
  }

  /** Waits for a request; its length, or the negative errno: ENODEV once unmounted. */
  int receive(long address, int size) {
    int received;
    do {
      received = Linux.read(fd.number(), address, size);
      // The request was taken back, or a signal came.
    } while (received == -Errno.ENOENT || received == -Errno.EINTR || received == -Errno.EAGAIN);
    return received;
  }

  /** Sends an answer or a notification; 0 or the negative errno. */
  int send(long address, int size) {
    return Math.min(0, Linux.write(fd.number(), address, size));
  }

  /**
   * Registers an open file for passthrough.
   *
   * @param file may be closed afterwards, and may be O_PATH
   * @return its number, or the negative errno: EPERM without CAP_SYS_ADMIN, ELOOP where its file
   *     system is stacked too high, EOPNOTSUPP where it cannot be done
   */
  int openBacking(int file) {
    return Linux.ioctl(fd.number(), DeviceIoctl.BACKING_OPEN, argument(file), 0);
  }

  /** Ends a registration; files opened with it are not affected. */
  int closeBacking(int id) {
    return Linux.ioctl(fd.number(), DeviceIoctl.BACKING_CLOSE, argument(id), 0);
  }

  /** A word of memory that begins with a 32-bit number and is zero after it. */
  private static long argument(int value) {
    boolean isLittleEndian = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return isLittleEndian ? Integer.toUnsignedLong(value) : (long) value << Integer.SIZE;
  }

  @Override
  public void close() {
    fd.close();
  }
}
