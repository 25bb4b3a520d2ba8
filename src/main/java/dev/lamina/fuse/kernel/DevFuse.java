package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseDevice;
import dev.lamina.fuse.wire.DeviceIoctl;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.nio.ByteOrder;

/**
 * An open /dev/fuse, from which requests are read and to which answers are written. Each thread has
 * its own.
 */
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
   * Opens the device again for the same mount (FUSE_DEV_IOC_CLONE), so that threads do not share
   * one queue of requests being processed.
   *
   * @return null if that is not possible; the threads then share this one
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

  /**
   * Waits for a request and returns its length, or the negative errno: ENODEV once the file system
   * is unmounted.
   */
  int receive(long address, int size) {
    int received;
    do {
      received = Linux.read(fd.number(), address, size);
      // The request was cancelled, or a signal arrived.
    } while (received == -Errno.ENOENT || received == -Errno.EINTR || received == -Errno.EAGAIN);
    return received;
  }

  /** Sends an answer or a notification, and returns 0 or the negative errno. */
  int send(long address, int size) {
    return Math.min(0, Linux.write(fd.number(), address, size));
  }

  /**
   * Registers an open file for passthrough.
   *
   * @param file a descriptor, which may be O_PATH and may be closed afterwards
   * @return the backing id, or the negative errno: EPERM without CAP_SYS_ADMIN, ELOOP if the file's
   *     file system is stacked too deep, EOPNOTSUPP if the file does not support it
   */
  int openBacking(int file) {
    return Linux.ioctl(fd.number(), DeviceIoctl.BACKING_OPEN, argument(file), 0);
  }

  /** Ends a registration. Files that were opened with it are not affected. */
  int closeBacking(int id) {
    return Linux.ioctl(fd.number(), DeviceIoctl.BACKING_CLOSE, argument(id), 0);
  }

  /** Returns a word that begins in memory with a 32-bit number and is zero after it. */
  private static long argument(int value) {
    boolean isLittleEndian = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return isLittleEndian ? Integer.toUnsignedLong(value) : (long) value << Integer.SIZE;
  }

  @Override
  public void close() {
    fd.close();
  }
}
