package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.nio.charset.StandardCharsets;

/** The device /dev/fuse, from which a daemon reads the kernel's requests. */
public final class FuseDevice {
  public static final byte[] PATH = "/dev/fuse".getBytes(StandardCharsets.US_ASCII);

  private FuseDevice() {}

  /**
   * Opens the device, which belongs to no mount yet. The caller closes the descriptor.
   *
   * @throws MountException if the device does not exist or cannot be opened
   */
  public static Fd open() throws MountException {
    int fd = Linux.openat(Linux.AT_FDCWD, PATH, OpenFlags.O_RDWR, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENODEV || fd == -Errno.ENXIO) {
      throw new MountException(
          "/dev/fuse is missing: load the kernel module (modprobe fuse), or give the container"
              + " the device (--device /dev/fuse)");
    }
    if (fd < 0) {
      throw new MountException("cannot open /dev/fuse: " + Errno.message(-fd));
    }
    return new Fd(fd);
  }
}
