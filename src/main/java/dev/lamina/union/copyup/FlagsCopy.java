package dev.lamina.union.copyup;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileFlags;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.union.inode.Protection;

/**
 * Copies inode flags (chattr(1)) to a copy that is being built: those that overlayfs copies
 * (ovl_copy_fileattr). Immutable and append-only are left to {@link Protection}.
 */
final class FlagsCopy {
  private static final int COPIED = FileFlags.FS_SYNC_FL | FileFlags.FS_NOATIME_FL;

  private FlagsCopy() {}

  /** Copies the flags to an object named by (descriptor, name). */
  static void copy(Place from, int dirfd, byte[] name) throws ErrnoException {
    int flags = read(from) & COPIED;
    if (flags == 0) {
      return;
    }
    int fd =
        name.length == 0
            ? Linux.fcntl(dirfd, Linux.F_DUPFD_CLOEXEC, 0)
            : Linux.openat(dirfd, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0);
    ErrnoException.check(fd);
    try {
      long address = ThreadBuffers.ofThread().value();
      int result = Linux.ioctl(fd, FileFlags.FS_IOC_GETFLAGS, address);
      if (FileFlags.areUnsupported(result)) {
        return;
      }
      ErrnoException.check(result);
      Memory.putInt(address, Memory.getInt(address) | flags);
      ErrnoException.check(Linux.ioctl(fd, FileFlags.FS_IOC_SETFLAGS, address));
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * Reads an object's flags. There are none if the file system does not support flags, or if the
   * daemon runs as an ordinary user and may not read them. Root always may, so that a refusal is an
   * error like any other then.
   */
  private static int read(Place place) throws ErrnoException {
    if (!(place.directory() instanceof FdDirectory directory)) {
      return 0;
    }
    int fd = directory.openObject(place.name(), OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
    boolean mayNotRead = fd == -Errno.EACCES && ProcessCalls.geteuid() != 0;
    if (mayNotRead || fd == -Errno.ENOTTY) {
      return 0;
    }
    ErrnoException.check(fd);
    try {
      long address = ThreadBuffers.ofThread().value();
      int result = Linux.ioctl(fd, FileFlags.FS_IOC_GETFLAGS, address);
      if (FileFlags.areUnsupported(result)) {
        return 0;
      }
      ErrnoException.check(result);
      return Memory.getInt(address);
    } finally {
      Linux.close(fd);
    }
  }
}
