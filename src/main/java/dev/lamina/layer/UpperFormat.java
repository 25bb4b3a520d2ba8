package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Xattrs;
import java.util.Arrays;

/**
 * How marks are written into the upper: the prefix of the attributes, trusted where those can be
 * set, and what a whiteout is. Kernel overlayfs reads and writes devices, with {@code userxattr}
 * beside user attributes.
 */
public enum UpperFormat {
  /** Character devices 0:0 and {@code trusted.overlay.*}: kernel overlayfs's own. */
  KERNEL(OverlayXattrs.TRUSTED_PREFIX, Whiteout.DEVICE),

  /** Devices and {@code user.overlay.*}: kernel overlayfs's in a user namespace. */
  USER_DEVICES(OverlayXattrs.USER_PREFIX, Whiteout.DEVICE),

  /** Files {@code .wh.NAME}, where devices cannot be made or put in an object's place. */
  TRUSTED_FILES(OverlayXattrs.TRUSTED_PREFIX, Whiteout.FILE_BESIDE),

  /** The same with {@code user.overlay.*}. */
  USER(OverlayXattrs.USER_PREFIX, Whiteout.FILE_BESIDE),

  /**
   * Regular files with the attribute {@code overlay.whiteout} (Linux 6.7), where neither can be
   * made: on another mount of Lamina or of kernel overlayfs. Kernel overlayfs heeds these in its
   * lower layers.
   */
  TRUSTED_ATTRIBUTES(OverlayXattrs.TRUSTED_PREFIX, Whiteout.ATTRIBUTE),

  /** The same with {@code user.overlay.*}. */
  USER_ATTRIBUTES(OverlayXattrs.USER_PREFIX, Whiteout.ATTRIBUTE);

  /** What hides a name. */
  private enum Whiteout {
    DEVICE,
    FILE_BESIDE,
    ATTRIBUTE
  }

  private static final byte[] YES = {'y'};

  /** An opaque mark that hides nothing, but says that files may be whiteouts by an attribute. */
  private static final byte[] MAY_HOLD_WHITEOUTS = {'x'};

  private final Whiteout whiteout;
  private final boolean isOfUsers;
  private final byte[] opaque;
  private final byte[] impure;
  private final byte[] number;
  private final byte[] protection;
  private final byte[] whiteoutMark;

  UpperFormat(byte[] prefix, Whiteout whiteout) {
    this.whiteout = whiteout;
    isOfUsers = Arrays.equals(prefix, OverlayXattrs.USER_PREFIX);
    opaque = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("opaque"));
    impure = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("impure"));
    number = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("lamina.ino"));
    protection = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("protattr"));
    whiteoutMark = OverlayXattrs.concat(prefix, OverlayXattrs.bytes("whiteout"));
  }

  /**
   * The format for a layer that is built once, in which nothing is ever put in another's place.
   *
   * @param scratch a name that nothing has in the directory
   * @param out gets the format
   * @return 0 or the negative errno: EOPNOTSUPP where no attributes can be written, ENOSPC or
   *     EDQUOT where there is no room to find out
   */
  public static int choose(int dirfd, byte[] scratch, UpperFormat[] out) {
    UpperFeatures features = new UpperFeatures();
    int result = features.probe(dirfd, scratch);
    if (result == 0) {
      out[0] = features.hasDevices() ? features.of(KERNEL, USER_DEVICES) : null;
      out[0] = out[0] == null ? features.of(TRUSTED_FILES, USER) : out[0];
    }
    return result;
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

  /** Whether its whiteouts are objects of the hidden name itself; otherwise beside it. */
  public boolean hidesInPlace() {
    return whiteout != Whiteout.FILE_BESIDE;
  }

  /** The type of what stands in a hidden name's place; 0 where nothing does. */
  public int whiteoutType() {
    return switch (whiteout) {
      case DEVICE -> Mode.S_IFCHR;
      case FILE_BESIDE -> 0;
      case ATTRIBUTE -> Mode.S_IFREG;
    };
  }

  /** Whether the kernel can leave a whiteout behind in a rename (RENAME_WHITEOUT). */
  public boolean hasDevices() {
    return whiteout == Whiteout.DEVICE;
  }

  /**
   * Lets a directory hold whiteouts, before the first is put there; 0 or the negative errno.
   *
   * @param dirfd the directory's descriptor
   */
  public int allowWhiteouts(FdDirectory directory, int dirfd) {
    if (whiteout != Whiteout.ATTRIBUTE) {
      return 0;
    }
    try {
      // Below an opaque directory there is nothing to hide.
      if (Opaque.isOpaque(directory) || Opaque.mayHoldXattrWhiteouts(directory)) {
        return 0;
      }
    } catch (ErrnoException e) {
      return -e.errno();
    }
    int result = Xattrs.set(dirfd, Linux.EMPTY, opaque, MAY_HOLD_WHITEOUTS);
    if (result == 0) {
      Opaque.wasMadeToHoldWhiteouts(directory);
    }
    return result;
  }

  /**
   * Makes the whiteout of a name that is free in an upper directory. One by an attribute takes two
   * steps, and counts only where {@link #allowWhiteouts} was called: it is made elsewhere.
   *
   * @return 0 or the negative errno
   */
  public int makeWhiteout(FdDirectory directory, int dirfd, byte[] name) {
    if (!hidesInPlace()) {
      Whiteouts.willBePrefixed(directory);
    }
    return makeWhiteout(dirfd, name);
  }

  /** The same in a directory that nothing has looked at. */
  public int makeWhiteout(int dirfd, byte[] name) {
    return switch (whiteout) {
      case DEVICE -> Linux.mknodat(dirfd, name, Mode.S_IFCHR, 0);
      case FILE_BESIDE -> {
        int result = Linux.mknodat(dirfd, Whiteouts.prefixed(name), Mode.S_IFREG | 0600, 0);
        // One that is there already, beside a name that hid it, will do.
        yield result == -Errno.EEXIST ? 0 : result;
      }
      case ATTRIBUTE -> {
        int result = Linux.mknodat(dirfd, name, Mode.S_IFREG | 0600, 0);
        yield result < 0 ? result : Xattrs.set(dirfd, name, whiteoutMark, YES);
      }
    };
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
    return Xattrs.isNone(length) ? 0 : Math.min(length, 1);
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
   * Whether reading a mark said that the daemon may not read the object, whose user attributes it
   * then may not read either (xattr(7)). It may have to serve it all the same, and its owner may
   * change it: such an object counts as having no mark, for as long as that is so.
   */
  public boolean hidesMarks(int result) {
    return isOfUsers && result == -Errno.EACCES;
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
      if (hidesMarks(-e.errno())) {
        return null;
      }
      throw e;
    }
  }
}
