package dev.lamina.union.inode;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.sys.Xattrs;

/**
 * Protects immutable and append-only objects (chattr(1) {@code +i} and {@code +a}). On other file
 * systems the kernel checks the flags of an inode by itself. A FUSE inode has no flags, so every
 * change is checked here, by the kernel's rules (may_delete and inode_permission of fs/namei.c,
 * may_setattr of fs/attr.c, do_open, xattr_permission).
 *
 * <p>The flags of a lower object come with its attributes. A copy does not get the flags, since it
 * could not be renamed into place with them. As in kernel overlayfs, it has the attribute {@code
 * overlay.protattr} instead, which is read before the first change.
 */
public final class Protection {
  /** The flag of an object that cannot be changed at all. */
  public static final byte IMMUTABLE = 1;

  /** The flag of an object that can only be added to. */
  public static final byte APPEND_ONLY = 2;

  /** The mark has not been read yet. Only upper objects have this bit. */
  private static final byte UNREAD = 4;

  private static final int LONGEST_MARK = 32;

  private final UpperFormat format;

  public Protection(UpperFormat format) {
    this.format = format;
  }

  /** Sets the flags of a new inode from the attributes of its object. */
  public static void initialize(Inode inode, Stat stat) {
    inode.protection = of(stat, inode.isUpper());
  }

  private static byte of(Stat stat, boolean isUpper) {
    int flags = stat.isImmutable() ? IMMUTABLE : 0;
    flags |= stat.isAppendOnly() ? APPEND_ONLY : 0;
    return (byte) (flags | (isUpper ? UNREAD : 0));
  }

  /** Returns which of {@link #IMMUTABLE} and {@link #APPEND_ONLY} are set. */
  public int flags(Inode object) throws ErrnoException {
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

  /** Reads the mark; returns {@link #UNREAD} if the daemon may not read it now. */
  private int readMark(Place place) throws ErrnoException {
    long address = ThreadBuffers.ofThread().value();
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
          // This is a flag of a later kernel; what it forbids is not known.
        }
      }
    }
    return flags;
  }

  /**
   * Checks a change of an object's attributes, size or names, or of its contents other than by
   * appending.
   *
   * @throws ErrnoException EPERM if the object is immutable or append-only
   */
  public void checkChange(Inode inode) throws ErrnoException {
    if (flags(inode) != 0) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * Checks an addition: a new name in a directory, an appending write, or setting the times to the
   * current time.
   *
   * @throws ErrnoException EPERM if the object is immutable
   */
  public void checkAddition(Inode inode) throws ErrnoException {
    if ((flags(inode) & IMMUTABLE) != 0) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * Checks the opening of a file with flags of open(2).
   *
   * @throws ErrnoException EPERM if the file may not be opened with these flags
   */
  public void checkOpen(Inode inode, int flags) throws ErrnoException {
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

  /**
   * Returns whether a file is append-only. The upper's file system may then allow it to be opened
   * for appending only.
   */
  public boolean isAppendOnly(Inode inode) throws ErrnoException {
    return (flags(inode) & APPEND_ONLY) != 0;
  }

  /**
   * Marks a copy that is being built, named by (descriptor, name), with its original's flags.
   *
   * @return 0 or the negative errno; as on overlayfs, it is no error if the copy cannot be marked
   */
  public int mark(int dirfd, byte[] name, Stat original) {
    byte flags = of(original, false);
    if (flags == 0) {
      return 0;
    }
    int result = write(dirfd, name, flags);
    return Xattrs.isRefused(result) ? 0 : result;
  }

  /** Changes the flags of an upper object. */
  public void set(Inode object, int flags) throws ErrnoException {
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
