package dev.lamina.union;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;

/**
 * Immutable and append-only objects (chattr(1) {@code +i} and {@code +a}). On other file systems
 * the kernel looks at the inode's flags by itself; a FUSE inode has none, so every change asks
 * here, by the kernel's rules (may_delete and inode_permission of fs/namei.c, may_setattr of
 * fs/attr.c, do_open, xattr_permission).
 *
 * <p>A layer's flags come with an object's attributes. A copy does not get them, or it could not be
 * renamed into place: like kernel overlayfs's, it has an attribute, {@code overlay.protattr}, that
 * says the same. It is read when something is about to be changed.
 */
final class Protection {
  static final byte IMMUTABLE = 1;
  static final byte APPEND_ONLY = 2;

  /** The mark has not been read; never together with no place to read it from. */
  private static final byte UNREAD = 4;

  private static final int LONGEST_MARK = 32;

  private final UpperFormat format;

  Protection(UpperFormat format) {
    this.format = format;
  }

  /** For {@link Inode#protection}: what an object's own attributes tell. */
  static byte of(Stat stat, boolean isUpper) {
    int flags = stat.isImmutable() ? IMMUTABLE : 0;
    flags |= stat.isAppendOnly() ? APPEND_ONLY : 0;
    return (byte) (flags | (isUpper ? UNREAD : 0));
  }

  /** {@link #IMMUTABLE} and {@link #APPEND_ONLY}, as far as they are set. */
  int flags(Inode object) throws ErrnoException {
    Inode inode = object.named();
    byte flags = inode.protection;
    if ((flags & UNREAD) == 0) {
      return flags;
    }
    synchronized (inode) {
      if ((inode.protection & UNREAD) == 0) {
        return inode.protection;
      }
      int mark = readMark(inode.place());
      if (mark == UNREAD) {
        return inode.protection & ~UNREAD;
      }
      inode.protection = (byte) (inode.protection & ~UNREAD | mark);
      return inode.protection;
    }
  }

  /** {@link #UNREAD} where it may not be read now. */
  private int readMark(Place place) throws ErrnoException {
    long address = Buffers.ofThread().value();
    int length =
        place
            .directory()
            .getxattr(place.name(), format.protectionAttribute(), address, LONGEST_MARK);
    if (Xattrs.isNone(length)) {
      return 0;
    }
    if (format.hidesMarks(length)) {
      return UNREAD;
    }
    int flags = 0;
    for (int i = ErrnoException.check(length) - 1; i >= 0; i--) {
      switch (Memory.getByte(address + i)) {
        case 'i' -> flags |= IMMUTABLE;
        case 'a' -> flags |= APPEND_ONLY;
        default -> {
          // A flag of a later kernel's: what it forbids is not known.
        }
      }
    }
    return flags;
  }

  /**
   * Its attributes, its length, its contents but for what is appended, and its names stay.
   *
   * @throws ErrnoException EPERM where the object is immutable or append-only
   */
  void checkChange(Inode inode) throws ErrnoException {
    if (flags(inode) != 0) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * New names, and times that are those of now.
   *
   * @throws ErrnoException EPERM where the object is immutable
   */
  void checkAddition(Inode inode) throws ErrnoException {
    if ((flags(inode) & IMMUTABLE) != 0) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * @throws ErrnoException EPERM where a file may not be opened so
   */
  void checkOpen(Inode inode, int flags) throws ErrnoException {
    boolean truncates = (flags & OpenFlags.O_TRUNC) != 0;
    if (!OpenFlags.isWritable(flags) && !truncates) {
      return;
    }
    boolean appends = !truncates && (flags & OpenFlags.O_APPEND) != 0;
    if (appends) {
      checkAddition(inode);
    } else {
      checkChange(inode);
    }
  }

  /** True for a file that the upper's file system itself may let be opened for appending only. */
  boolean isAppendOnly(Inode inode) throws ErrnoException {
    return (flags(inode) & APPEND_ONLY) != 0;
  }

  /**
   * Marks a copy that is being built, by (descriptor, name), with its original's flags.
   *
   * @return 0, also where it cannot be marked, as on overlayfs; or the negative errno
   */
  int mark(int dirfd, byte[] name, Stat original) {
    byte flags = of(original, false);
    if (flags == 0) {
      return 0;
    }
    int result = write(dirfd, name, flags);
    return Xattrs.isRefused(result) ? 0 : result;
  }

  /** Changes an upper object's flags. */
  void set(Inode object, int flags) throws ErrnoException {
    Inode inode = object.named();
    synchronized (inode) {
      Place place = inode.place();
      FdDirectory directory = (FdDirectory) place.directory();
      int dirfd = ErrnoException.check(directory.acquire());
      try {
        ErrnoException.check(write(dirfd, place.name(), flags));
      } finally {
        directory.release();
      }
      inode.protection = (byte) flags;
    }
  }

  private int write(int dirfd, byte[] name, int flags) {
    if (flags == 0) {
      int result = Xattrs.remove(dirfd, name, format.protectionAttribute());
      return Xattrs.isNone(result) ? 0 : result;
    }
    byte[] mark = new byte[Integer.bitCount(flags)];
    int length = 0;
    if ((flags & APPEND_ONLY) != 0) {
      mark[length++] = 'a';
    }
    if ((flags & IMMUTABLE) != 0) {
      mark[length] = 'i';
    }
    return Xattrs.set(dirfd, name, format.protectionAttribute(), mark);
  }
}
