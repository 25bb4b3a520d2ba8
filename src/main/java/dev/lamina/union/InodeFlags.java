package dev.lamina.union;

import dev.lamina.fuse.RequestContext;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * The inode flags that chattr(1) shows and sets (ioctl_iflags(2)), and project numbers: asked of
 * the layer, set on the upper after copy-up.
 */
final class InodeFlags {
  /** FS_IOC_GETFLAGS and so on, of linux/fs.h; the low byte is the command's number. */
  private static final long GETFLAGS = 0x80086601L;

  private static final long SETFLAGS = 0x40086602L;
  private static final long FSGETXATTR = 0x801c581fL;
  private static final long FSSETXATTR = 0x401c5820L;

  /** FS_IMMUTABLE_FL and FS_APPEND_FL. */
  private static final int IMMUTABLE = 0x10;

  private static final int APPEND_ONLY = 0x20;

  /** Of the flags, and of {@code struct fsxattr}. */
  private static final int FLAGS_SIZE = 4;

  private static final int FSXATTR_SIZE = 28;

  private final CopyUp copyUp;

  InodeFlags(CopyUp copyUp) {
    this.copyUp = copyUp;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#ioctl}. */
  void ioctl(
      RequestContext context,
      Inode inode,
      long command,
      long input,
      int inSize,
      long output,
      int outSize)
      throws ErrnoException {
    boolean sets = command == SETFLAGS || command == FSSETXATTR;
    boolean gets = command == GETFLAGS || command == FSGETXATTR;
    if (!sets && !gets || !inode.isDirectory() && inode.type != Mode.S_IFREG) {
      throw ErrnoException.of(Errno.ENOTTY);
    }
    int needed = command == GETFLAGS || command == SETFLAGS ? FLAGS_SIZE : FSXATTR_SIZE;
    if ((sets ? inSize : outSize) < needed) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (sets) {
      checkRights(context, inode, command, input);
      copyUp.copyUp(inode, CopyUp.ALL);
    }
    int fd = open(inode);
    try {
      ErrnoException.check(Linux.ioctl(fd, command, sets ? input : output));
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * The owner may set flags other than these, root all. Since Linux 5.13 the kernel checks that
   * itself, by capabilities.
   */
  private static void checkRights(RequestContext context, Inode inode, long command, long input)
      throws ErrnoException {
    if (context.uid == 0) {
      return;
    }
    Stat stat = new Stat();
    Attributes.read(inode, stat);
    boolean isPlain =
        command == SETFLAGS && (Memory.getInt(input) & (IMMUTABLE | APPEND_ONLY)) == 0;
    if (context.uid != stat.uid || !isPlain) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  private static int open(Inode inode) throws ErrnoException {
    synchronized (inode) {
      Place place = inode.place();
      if (!(place.directory() instanceof FdDirectory directory)) {
        throw ErrnoException.of(Errno.ENOTTY);
      }
      int dirfd = ErrnoException.check(directory.acquire());
      try {
        int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
        return ErrnoException.check(
            place.name().length == 0
                ? Linux.reopen(dirfd, flags)
                : Linux.openat(dirfd, place.name(), flags | OpenFlags.O_NOFOLLOW, 0));
      } finally {
        directory.release();
      }
    }
  }
}
