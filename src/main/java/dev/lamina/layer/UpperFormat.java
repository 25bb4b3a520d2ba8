package dev.lamina.layer;

import dev.lamina.sys.Errno;
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

  UpperFormat(byte[] prefix) {
    opaque = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("opaque"));
    impure = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("impure"));
    number = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("lamina.ino"));
  }

  /** The attribute in which a copied-up file keeps its inode number. */
  public byte[] numberAttribute() {
    return number;
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
    int result = makeWhiteout(dirfd, name);
    if (result == 0 && this == USER) {
      Whiteouts.wasPrefixed(directory);
    }
    return result;
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
   * Marks a directory as holding files with a number of their own, so that listing any other one
   * need not ask file by file; 0 or the negative errno. Kernel overlayfs uses the same mark.
   */
  public int markImpure(int dirfd) {
    return Xattrs.set(dirfd, Linux.EMPTY, impure, YES);
  }

  /** True when {@link #markImpure} or kernel overlayfs left its mark. */
  public boolean isImpure(LayerDirectory directory) {
    return MarkBuffer.read(directory, Linux.EMPTY, impure) != null;
  }

  /** The number kept with a copied-up file; null where there is none. */
  public byte[] readNumber(LayerDirectory directory, byte[] name) {
    return MarkBuffer.read(directory, name, number);
  }
}
