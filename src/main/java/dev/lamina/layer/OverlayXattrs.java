package dev.lamina.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.sys.ErrnoException;
import java.util.Arrays;

/**
 * The extended attributes in which overlay file systems store their marks (kernel documentation,
 * filesystems/overlayfs.rst), and the names by which users of a mount see such attributes.
 *
 * <p>All names with one of the prefixes are marks, which users cannot see. If a user sets such an
 * attribute, it is stored with the prefix doubled, as overlayfs does since Linux 6.7, so that it
 * never acts as a mark, and an overlay inside the mount still works.
 */
public final class OverlayXattrs {
  public static final byte[] TRUSTED_PREFIX = bytes("trusted.overlay.");
  public static final byte[] USER_PREFIX = bytes("user.overlay.");
  private static final byte[] FUSE_OVERLAYFS_PREFIX = bytes("user.fuseoverlayfs.");
  private static final byte[] OVERLAY = bytes("overlay.");
  private static final byte[] FUSEOVERLAYFS = bytes("fuseoverlayfs.");

  static final byte[][] OPAQUE = {
    bytes("trusted.overlay.opaque"),
    bytes("user.overlay.opaque"),
    bytes("user.fuseoverlayfs.opaque"),
  };
  static final byte[][] WHITEOUT = {
    bytes("trusted.overlay.whiteout"), bytes("user.overlay.whiteout"),
  };

  // Only trusted attributes: otherwise the owner of a file could make it show another file's data
  // (kernel documentation: with userxattr, neither is followed).
  static final byte[][] REDIRECT = {bytes("trusted.overlay.redirect")};
  static final byte[] METACOPY = bytes("trusted.overlay.metacopy");

  private OverlayXattrs() {}

  static byte[] bytes(String name) {
    return name.getBytes(ISO_8859_1);
  }

  /** Returns true for the name of a mark. */
  public static boolean isMark(byte[] name) {
    return storedMark(name) != null && !isEscaped(name);
  }

  /** Returns true for a name with one of the prefixes: a mark or an escaped name. */
  public static boolean isReserved(byte[] name) {
    return storedMark(name) != null;
  }

  /** Returns the stored name of an attribute that a user sets, gets or removes. */
  public static byte[] toStored(byte[] name) {
    byte[][] mark = storedMark(name);
    return mark == null ? name : concat(mark[0], mark[1], tail(name, mark[0].length));
  }

  /** Returns the name by which users see a stored attribute that is not a mark. */
  public static byte[] toVisible(byte[] stored) {
    if (!isEscaped(stored)) {
      return stored;
    }
    byte[][] mark = storedMark(stored);
    return concat(mark[0], tail(stored, mark[0].length + mark[1].length));
  }

  private static boolean isEscaped(byte[] name) {
    byte[][] mark = storedMark(name);
    return mark != null && startsWith(name, mark[0].length, mark[1]);
  }

  /**
   * Returns the prefix of a reserved name and the part that is repeated when it is escaped; null
   * for other names.
   */
  private static byte[][] storedMark(byte[] name) {
    if (startsWith(name, 0, TRUSTED_PREFIX)) {
      return TRUSTED;
    }
    if (startsWith(name, 0, USER_PREFIX)) {
      return USER;
    }
    return startsWith(name, 0, FUSE_OVERLAYFS_PREFIX) ? FUSE_OVERLAYFS : null;
  }

  private static final byte[][] TRUSTED = {TRUSTED_PREFIX, OVERLAY};
  private static final byte[][] USER = {USER_PREFIX, OVERLAY};
  private static final byte[][] FUSE_OVERLAYFS = {FUSE_OVERLAYFS_PREFIX, FUSEOVERLAYFS};

  private static boolean startsWith(byte[] name, int offset, byte[] prefix) {
    int end = offset + prefix.length;
    return name.length >= end && Arrays.equals(name, offset, end, prefix, 0, prefix.length);
  }

  private static byte[] tail(byte[] name, int from) {
    return Arrays.copyOfRange(name, from, name.length);
  }

  static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /**
   * Reads the mark with the first of several names that exists.
   *
   * @return the value of the mark; null if there is none, or the layer does not support such
   *     attributes
   * @throws ErrnoException if it could not be read
   */
  static byte[] read(LayerDirectory directory, byte[] entry, byte[][] names) throws ErrnoException {
    byte[] name = MarkBuffer.present(directory, entry, names);
    return name == null ? null : MarkBuffer.read(directory, entry, name);
  }
}
