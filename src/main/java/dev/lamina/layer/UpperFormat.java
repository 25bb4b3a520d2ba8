package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Xattrs;
import java.util.Arrays;

/**
 * The formats in which marks are written to the upper. They differ in the prefix of the attributes,
 * which is the trusted one if such attributes can be set, and in the kind of whiteouts. Kernel
 * overlayfs reads and writes devices; with {@code userxattr} it uses them together with user
 * attributes.
 */
public enum UpperFormat {
  /** The format of kernel overlayfs: character devices 0:0 and {@code trusted.overlay.*}. */
  KERNEL(OverlayXattrs.TRUSTED_PREFIX, Whiteout.DEVICE),

  /** The format of kernel overlayfs in a user namespace: devices and {@code user.overlay.*}. */
  USER_DEVICES(OverlayXattrs.USER_PREFIX, Whiteout.DEVICE),

  /**
   * Files {@code .wh.NAME}, for file systems on which devices cannot be made, or cannot be put in
   * the place of an object.
   */
  TRUSTED_FILES(OverlayXattrs.TRUSTED_PREFIX, Whiteout.FILE_BESIDE),

  /** Files {@code .wh.NAME} and {@code user.overlay.*}. */
  USER(OverlayXattrs.USER_PREFIX, Whiteout.FILE_BESIDE),

  /**
   * Regular files with the attribute {@code overlay.whiteout} (Linux 6.7), for file systems on
   * which neither can be made: other mounts of Lamina or of kernel overlayfs. Kernel overlayfs
   * recognizes these in its lower layers.
   */
  TRUSTED_ATTRIBUTES(OverlayXattrs.TRUSTED_PREFIX, Whiteout.ATTRIBUTE),

  /** Regular files with an attribute, and {@code user.overlay.*}. */
  USER_ATTRIBUTES(OverlayXattrs.USER_PREFIX, Whiteout.ATTRIBUTE);

  /** The kinds of whiteouts. */
  private enum Whiteout {
    DEVICE,
    FILE_BESIDE,
    ATTRIBUTE
  }

  private static final byte[] YES = {'y'};

  /**
   * The value of an opaque mark that hides nothing, but says that files may be whiteouts by an
   * attribute.
   */
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
   * Chooses the format for a layer that is built once, in which no object ever replaces another
   * one.
   *
   * @param scratch a name that does not exist in the directory
   * @param out receives the format
   * @return 0 or the negative errno: EOPNOTSUPP if no attributes can be written, ENOSPC or EDQUOT
   *     if there is no space to find out
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

  /** Returns the attribute that stores the inode number of a copied-up file. */
  public byte[] numberAttribute() {
    return number;
  }

  /**
   * Returns the attribute that stores the flags of chattr(1) of a copied-up object, as the letters
   * {@code i} and {@code a}. Kernel overlayfs uses the same.
   */
  public byte[] protectionAttribute() {
    return protection;
  }

  /** Returns whether whiteouts have the hidden name itself; otherwise they are beside it. */
  public boolean hidesInPlace() {
    return whiteout != Whiteout.FILE_BESIDE;
  }

  /** Returns the type of a whiteout that has the hidden name; 0 if whiteouts have other names. */
  public int whiteoutType() {
    return switch (whiteout) {
      case DEVICE -> Mode.S_IFCHR;
      case FILE_BESIDE -> 0;
      case ATTRIBUTE -> Mode.S_IFREG;
    };
  }

  /**
   * Returns whether whiteouts are devices, which the kernel can leave behind in a rename
   * (RENAME_WHITEOUT).
   */
  public boolean hasDevices() {
    return whiteout == Whiteout.DEVICE;
  }

  /**
   * Marks a directory as one that may contain whiteouts, before the first is put there.
   *
   * @param dirfd the descriptor of the directory
   * @return 0 or the negative errno
   */
  public int allowWhiteouts(FdDirectory directory, int dirfd) {
    if (whiteout != Whiteout.ATTRIBUTE) {
      return 0;
    }
    try {
      // An opaque directory needs no whiteouts.
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
   * Makes a whiteout for a name that does not exist in an upper directory. A whiteout by an
   * attribute takes two steps, and is recognized only after {@link #allowWhiteouts}, so it is made
   * elsewhere.
   *
   * @return 0 or the negative errno
   */
  public int makeWhiteout(FdDirectory directory, int dirfd, byte[] name) {
    if (!hidesInPlace()) {
      Whiteouts.willBePrefixed(directory);
    }
    return makeWhiteout(dirfd, name);
  }

  /** Does the same in a directory whose marks have not been read. */
  public int makeWhiteout(int dirfd, byte[] name) {
    return switch (whiteout) {
      case DEVICE -> Linux.mknodat(dirfd, name, Mode.S_IFCHR, 0);
      case FILE_BESIDE -> {
        int result = Linux.mknodat(dirfd, Whiteouts.prefixed(name), Mode.S_IFREG | 0600, 0);
        // A whiteout that exists already beside the name is sufficient.
        yield result == -Errno.EEXIST ? 0 : result;
      }
      case ATTRIBUTE -> {
        int result = Linux.mknodat(dirfd, name, Mode.S_IFREG | 0600, 0);
        yield result < 0 ? result : Xattrs.set(dirfd, name, whiteoutMark, YES);
      }
    };
  }

  /** Marks an upper directory opaque; returns 0 or the negative errno. */
  public int markOpaque(int dirfd, byte[] name) {
    return Xattrs.set(dirfd, name, opaque, YES);
  }

  /**
   * Reads the mark that {@link #markOpaque} writes.
   *
   * @return 1 if the object has it, 0 if not, or the negative errno
   */
  public int isMarkedOpaque(int dirfd, byte[] name) {
    int length = Xattrs.get(dirfd, name, opaque, 0, 0);
    return Xattrs.isNone(length) ? 0 : Math.min(length, 1);
  }

  /**
   * Marks a directory as containing files with an inode number of their own, so that the listing of
   * other directories need not read a mark of each file. Returns 0 or the negative errno. Kernel
   * overlayfs uses the same mark.
   */
  public int markImpure(int dirfd) {
    return Xattrs.set(dirfd, Linux.EMPTY, impure, YES);
  }

  /** Returns true if {@link #markImpure} or kernel overlayfs has marked a directory. */
  public boolean isImpure(LayerDirectory directory) throws ErrnoException {
    return MarkBuffer.has(directory, Linux.EMPTY, impure);
  }

  /**
   * Returns whether an error of reading a mark says that the daemon may not read the object, and
   * therefore not its user attributes either (xattr(7)). The object may have to be served all the
   * same, and its owner may change the mode later: as long as it cannot be read it counts as having
   * no mark.
   */
  public boolean hidesMarks(int result) {
    return isOfUsers && result == -Errno.EACCES;
  }

  /**
   * Returns the stored inode number of a copied-up file. Returns null if there is none, or if it is
   * a user attribute of a file that the daemon may not read, which may have to be served all the
   * same (overlayfs treats its marks so, ovl_check_metacopy_xattr).
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
