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
import dev.lamina.sys.ProcessCalls;
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

  /** FS_SYNC_FL, FS_IMMUTABLE_FL, FS_APPEND_FL and FS_NOATIME_FL. */
  private static final int SYNC = 0x08;

  private static final int IMMUTABLE = 0x10;
  private static final int APPEND_ONLY = 0x20;
  private static final int NO_ACCESS_TIME = 0x80;

  /** FS_XFLAG_IMMUTABLE and FS_XFLAG_APPEND, of {@code struct fsxattr}'s first member. */
  private static final int X_IMMUTABLE = 0x08;

  private static final int X_APPEND_ONLY = 0x10;

  /** Of the flags, and of {@code struct fsxattr}. */
  private static final int FLAGS_SIZE = 4;

  private static final int FSXATTR_SIZE = 28;

  private final Protection protection;
  private final CopyUp copyUp;

  InodeFlags(Protection protection, CopyUp copyUp) {
    this.protection = protection;
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
    boolean isExtended = command == FSGETXATTR || command == FSSETXATTR;
    if (sets) {
      checkRights(context, inode, command, input);
      copyUp.copyUp(inode);
    }
    int fd = open(inode);
    try {
      if (sets) {
        set(inode, fd, command, input, isExtended);
      } else {
        ErrnoException.check(Linux.ioctl(fd, command, output));
        int flags = Memory.getInt(output);
        Memory.putInt(output, flags | toFlags(protection.flags(inode), isExtended));
      }
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * Sets what a user asks for: all but two flags on the upper object itself, those two by its mark,
   * since it has to be moved and removed.
   */
  private void set(Inode inode, int fd, long command, long input, boolean isExtended)
      throws ErrnoException {
    int asked = Memory.getInt(input);
    int immutable = toFlags(Protection.IMMUTABLE, isExtended);
    int appendOnly = toFlags(Protection.APPEND_ONLY, isExtended);
    int wanted = (asked & immutable) != 0 ? Protection.IMMUTABLE : 0;
    wanted |= (asked & appendOnly) != 0 ? Protection.APPEND_ONLY : 0;
    int before = protection.flags(inode);
    long old = Buffers.ofThread().value();
    ErrnoException.check(Linux.ioctl(fd, isExtended ? FSGETXATTR : GETFLAGS, old));
    boolean isMarkless = (Memory.getInt(old) & (immutable | appendOnly)) != 0;
    Memory.putInt(input, asked & ~(immutable | appendOnly));
    ErrnoException.check(Linux.ioctl(fd, command, input));
    if (wanted == before && !isMarkless) {
      return;
    }
    // Not before: an object that has the flags itself takes no mark.
    try {
      protection.set(inode, wanted);
    } catch (ErrnoException e) {
      Linux.ioctl(fd, command, old);
      throw e;
    }
  }

  private static int toFlags(int protection, boolean isExtended) {
    int flags = 0;
    if ((protection & Protection.IMMUTABLE) != 0) {
      flags |= isExtended ? X_IMMUTABLE : IMMUTABLE;
    }
    if ((protection & Protection.APPEND_ONLY) != 0) {
      flags |= isExtended ? X_APPEND_ONLY : APPEND_ONLY;
    }
    return flags;
  }

  /**
   * Gives a copy that is being built, by (descriptor, name), the flags that overlayfs gives it
   * (ovl_copy_fileattr); immutable and append-only are {@link Protection}'s.
   */
  static void copy(Place from, int dirfd, byte[] name) throws ErrnoException {
    int flags = get(from) & (SYNC | NO_ACCESS_TIME);
    if (flags == 0) {
      return;
    }
    int fd =
        name.length == 0
            ? Linux.fcntl(dirfd, Linux.F_DUPFD_CLOEXEC, 0)
            : Linux.openat(dirfd, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0);
    ErrnoException.check(fd);
    try {
      long address = Buffers.ofThread().value();
      int result = Linux.ioctl(fd, GETFLAGS, address);
      if (hasNone(result)) {
        return;
      }
      ErrnoException.check(result);
      Memory.putInt(address, Memory.getInt(address) | flags);
      ErrnoException.check(Linux.ioctl(fd, SETFLAGS, address));
    } finally {
      Linux.close(fd);
    }
  }

  /**
   * An object's flags; none where its file system has none, or where the daemon of an ordinary user
   * may not ask. Root always may: to root a refusal is an error as any other.
   */
  private static int get(Place place) throws ErrnoException {
    int fd;
    try {
      fd = open(place);
    } catch (ErrnoException e) {
      boolean mayNotAsk = e.errno() == Errno.EACCES && ProcessCalls.geteuid() != 0;
      if (mayNotAsk || e.errno() == Errno.ENOTTY) {
        return 0;
      }
      throw e;
    }
    try {
      long address = Buffers.ofThread().value();
      int result = Linux.ioctl(fd, GETFLAGS, address);
      if (hasNone(result)) {
        return 0;
      }
      ErrnoException.check(result);
      return Memory.getInt(address);
    } finally {
      Linux.close(fd);
    }
  }

  /** Whether asking said that a file system has no flags: ntfs-3g, for one, not by ENOTTY. */
  private static boolean hasNone(int result) {
    return switch (-result) {
      case Errno.ENOTTY, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOSYS -> true;
      default -> false;
    };
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
      return open(inode.place());
    }
  }

  private static int open(Place place) throws ErrnoException {
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
