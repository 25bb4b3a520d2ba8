package dev.lamina.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.sys.ErrnoException;
import java.util.Arrays;

/**
 * The extended attributes in which overlay file systems keep their marks (kernel documentation,
 * filesystems/overlayfs.rst), and how such names look from inside a mount.
 *
 * <p>All names with one of the prefixes are marks: they do not exist for users. A user who sets one
 * gets it stored with the prefix doubled, as overlayfs does since Linux 6.7, so that it never acts
 * as a mark and an overlay inside the mount still works.
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

  // Only as trusted attributes: a file's owner could otherwise have it show another file's data
  // (kernel documentation: with userxattr, neither is followed).
  static final byte[][] REDIRECT = {bytes("trusted.overlay.redirect")};
  static final byte[] METACOPY = bytes("trusted.overlay.metacopy");

  private OverlayXattrs() {}

  static byte[] bytes(String name) {
    return name.getBytes(ISO_8859_1);
  }

  /** True for a name under which a layer holds a mark. */
  public static boolean isMark(byte[] name) {
    return storedMark(name) != null && !isEscaped(name);
  }

  /** True for a name with one of the prefixes, a mark or an escaped one. */
  public static boolean isReserved(byte[] name) {
    return storedMark(name) != null;
  }

  /** How a name that a user sets, gets or removes is stored. */
  public static byte[] toStored(byte[] name) {
    byte[][] mark = storedMark(name);
    return mark == null ? name : concat(mark[0], mark[1], tail(name, mark[0].length));
  }

  /** How a stored name that is no mark looks to a user. */
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

  /** The prefix of a mark and what follows it once more when it is escaped; null for others. */
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
   * Reads a mark under the first of its names that is there.
   *
   * @return its value; null where there is none, or the layer has no such attributes
   * @throws ErrnoException where it cannot be told
   */
  static byte[] read(LayerDirectory directory, byte[] entry, byte[][] names) throws ErrnoException {
    byte[] name = MarkBuffer.present(directory, entry, names);
    return name == null ? null : MarkBuffer.read(directory, entry, name);
  }
}
