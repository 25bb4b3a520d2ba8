package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Xattrs;

/**
 * How marks are written into the upper.
 *
 * <ul>
 *   <li>{@link #KERNEL}: character devices 0:0 and {@code trusted.overlay.*}, what kernel overlayfs
 *       reads and writes.
 *   <li>{@link #USER}: {@code .wh.NAME} files and {@code user.overlay.*}, where mknod(2) of devices
 *       or trusted attributes are not allowed.
 * </ul>
 */
public enum UpperFormat {
  KERNEL(OverlayXattrs.TRUSTED_PREFIX),
  USER(OverlayXattrs.USER_PREFIX);

  private static final byte[] YES = {'y'};

  private final byte[] opaque;
  private final byte[] impure;
  private final byte[] number;
  private final byte[] protection;

  UpperFormat(byte[] prefix) {
    opaque = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("opaque"));
    impure = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("impure"));
    number = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("lamina.ino"));
    protection = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("protattr"));
  }

  /**
   * The kernel's marks where they can be written in a directory, those for ordinary users
   * elsewhere.
   *
   * @param scratch a name that nothing has there
   * @param out gets the format
   * @return 0 or the negative errno: EOPNOTSUPP where neither can be written, ENOSPC or EDQUOT
   *     where there is no room to find out
   */
  public static int choose(int dirfd, byte[] scratch, UpperFormat[] out) {
    int whiteout = KERNEL.makeWhiteout(dirfd, scratch);
    if (whiteout == 0) {
      whiteout = Linux.unlinkat(dirfd, scratch, 0);
    } else if (isFull(whiteout)) {
      return whiteout;
    }
    int result = Linux.mkdirat(dirfd, scratch, 0700);
    if (result < 0) {
      return result;
    }
    int trusted = KERNEL.markOpaque(dirfd, scratch);
    int user = USER.markOpaque(dirfd, scratch);
    result = Linux.unlinkat(dirfd, scratch, Linux.AT_REMOVEDIR);
    if (result < 0) {
      return result;
    }
    if (whiteout == 0 && trusted == 0) {
      out[0] = KERNEL;
      return 0;
    }
    if (isFull(trusted) || isFull(user)) {
      return isFull(trusted) ? trusted : user;
    }
    out[0] = USER;
    return user < 0 ? -Errno.EOPNOTSUPP : 0;
  }

  private static boolean isFull(int result) {
    return result == -Errno.ENOSPC || result == -Errno.EDQUOT;
  }

  /** The attribute in which a copied-up file keeps its inode number. */
  public byte[] numberAttribute() {
    return number;
  }

  /**
   * The attribute that tells the flags of chattr(1) that a copied-up object has: letters {@code i}
   * and {@code a}. Kernel overlayfs uses the same.
   */
  public byte[] protectionAttribute() {
    return protection;
  }

  /** Whether it writes whiteouts as objects of the hidden name itself; otherwise beside it. */
  public boolean hasDeviceWhiteouts() {
    return this == KERNEL;
  }

  /**
   * Makes the whiteout of a name that is free in an upper directory.
   *
   * @return 0 or the negative errno
   */
  public int makeWhiteout(FdDirectory directory, int dirfd, byte[] name) {
    if (this == USER) {
      Whiteouts.willBePrefixed(directory);
    }
    return makeWhiteout(dirfd, name);
  }

  /** The same in a directory that nothing has looked at. */
  public int makeWhiteout(int dirfd, byte[] name) {
    if (this == KERNEL) {
      return Linux.mknodat(dirfd, name, Mode.S_IFCHR, 0);
    }
    int result = Linux.mknodat(dirfd, Whiteouts.prefixed(name), Mode.S_IFREG | 0600, 0);
    // One that is there already, beside a name that hid it, will do.
    return result == -Errno.EEXIST ? 0 : result;
  }

  /** Marks an upper directory opaque, by its descriptor; 0 or the negative errno. */
  public int markOpaque(int dirfd, byte[] name) {
    return Xattrs.set(dirfd, name, opaque, YES);
  }

  /**
   * Whether {@link #markOpaque} left its mark on an object.
   *
   * @return 1 or 0, or the negative errno
   */
  public int isMarkedOpaque(int dirfd, byte[] name) {
    int length = Xattrs.get(dirfd, name, opaque, 0, 0);
    return length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP ? 0 : Math.min(length, 1);
  }

  /**
   * Marks a directory as holding files with a number of their own, so that listing any other one
   * need not ask file by file; 0 or the negative errno. Kernel overlayfs uses the same mark.
   */
  public int markImpure(int dirfd) {
    return Xattrs.set(dirfd, Linux.EMPTY, impure, YES);
  }

  /** True when {@link #markImpure} or kernel overlayfs left its mark. */
  public boolean isImpure(LayerDirectory directory) throws ErrnoException {
    return MarkBuffer.has(directory, Linux.EMPTY, impure);
  }

  /**
   * The number kept with a copied-up file; null where there is none, or where it is a user
   * attribute of a file that the daemon may not read: it may have to serve that all the same
   * (overlayfs judges its marks so, ovl_check_metacopy_xattr).
   */
  public byte[] readNumber(LayerDirectory directory, byte[] name) throws ErrnoException {
    try {
      return MarkBuffer.read(directory, name, number);
    } catch (ErrnoException e) {
      if (this == USER && e.errno() == Errno.EACCES) {
        return null;
      }
      throw e;
    }
  }
}
