package dev.lamina.union.upper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.OverlayXattrs;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decides which extended attributes users see, under which names they are stored, and which of them
 * are copied at copy-up.
 */
public final class XattrPolicy {
  /** The default ACL of a directory (acl(5)). */
  public static final byte[] DEFAULT_ACL = "system.posix_acl_default".getBytes(ISO_8859_1);

  /** The access ACL. */
  public static final byte[] ACCESS_ACL = "system.posix_acl_access".getBytes(ISO_8859_1);

  /** The capabilities of a file (capabilities(7)). */
  public static final byte[] CAPABILITY = "security.capability".getBytes(ISO_8859_1);

  private static final byte[] TRUSTED = "trusted.".getBytes(ISO_8859_1);

  private XattrPolicy() {}

  /** Reads an attribute that a user names; returns what getxattr(2) returns. */
  public static int get(Place place, byte[] name, long address, int size) {
    return place.directory().getxattr(place.name(), OverlayXattrs.toStored(name), address, size);
  }

  /**
   * Lists the attributes that a user sees.
   *
   * @param privileged whether the user may see trusted attributes (xattr(7))
   * @return the length of the list, or the negative errno
   */
  public static int list(Place place, boolean privileged, long address, int size) {
    List<byte[]> stored = new ArrayList<>();
    int result = listStored(place.directory(), place.name(), stored);
    if (result < 0) {
      return result;
    }
    int length = 0;
    for (byte[] attribute : stored) {
      if (OverlayXattrs.isMark(attribute) || !privileged && isTrusted(attribute)) {
        continue;
      }
      byte[] name = OverlayXattrs.toVisible(attribute);
      if (size > 0) {
        if (length + name.length + 1 > size) {
          return -Errno.ERANGE;
        }
        Memory.putBytes(address + length, name, 0, name.length);
        Memory.putByte(address + length + name.length, (byte) 0);
      }
      length += name.length + 1;
    }
    return length;
  }

  /**
   * Copies all attributes except marks to a new object, named by (descriptor, name). The access ACL
   * is copied last, since it may take away the permission to write user attributes.
   *
   * @return 0 or the negative errno
   */
  public static int copy(LayerDirectory from, byte[] fromName, int dirfd, byte[] name) {
    List<byte[]> stored = new ArrayList<>();
    int result = listStored(from, fromName, stored);
    if (result < 0) {
      return result == -Errno.EOPNOTSUPP ? 0 : result;
    }
    for (byte[] attribute : stored) {
      if (OverlayXattrs.isMark(attribute) || isAccessAcl(attribute)) {
        continue;
      }
      result = copy(from, fromName, attribute, dirfd, name);
      if (result < 0) {
        return result;
      }
    }
    boolean hasAcl = stored.stream().anyMatch(XattrPolicy::isAccessAcl);
    return hasAcl ? copy(from, fromName, ACCESS_ACL, dirfd, name) : 0;
  }

  /** Copies one attribute if the object has it; returns 0 or the negative errno. */
  public static int copy(
      LayerDirectory from, byte[] fromName, byte[] attribute, int dirfd, byte[] name) {
    long address = ThreadBuffers.ofThread().value();
    int length = from.getxattr(fromName, attribute, address, ThreadBuffers.SIZE);
    if (length < 0) {
      return Xattrs.isNone(length) ? 0 : length;
    }
    int result = Xattrs.set(dirfd, name, attribute, address, length, 0);
    // As on overlayfs, the upper may support fewer kinds of attributes; but permissions must not
    // get lost.
    boolean mayBeLost = result == -Errno.EOPNOTSUPP && !grantsPermissions(attribute);
    return mayBeLost ? 0 : result;
  }

  /** Returns a file's capabilities as stored (capabilities(7)); null if it has none. */
  public static byte[] capability(Place place) throws ErrnoException {
    long address = ThreadBuffers.ofThread().value();
    int length = place.directory().getxattr(place.name(), CAPABILITY, address, ThreadBuffers.SIZE);
    if (Xattrs.isNone(length)) {
      return null;
    }
    byte[] value = new byte[ErrnoException.check(length)];
    Memory.getBytes(address, value, 0, length);
    return value;
  }

  /** Returns whether an attribute is the access ACL. */
  public static boolean isAccessAcl(byte[] attribute) {
    return Arrays.equals(attribute, ACCESS_ACL);
  }

  private static boolean grantsPermissions(byte[] attribute) {
    return isAccessAcl(attribute)
        || Arrays.equals(attribute, DEFAULT_ACL)
        || Arrays.equals(attribute, CAPABILITY);
  }

  private static boolean isTrusted(byte[] attribute) {
    return attribute.length > TRUSTED.length
        && Arrays.equals(attribute, 0, TRUSTED.length, TRUSTED, 0, TRUSTED.length);
  }

  private static int listStored(LayerDirectory directory, byte[] name, List<byte[]> out) {
    long address = ThreadBuffers.ofThread().list();
    int length = directory.listxattr(name, address, ThreadBuffers.SIZE);
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (Memory.getByte(address + i) == 0) {
        byte[] attribute = new byte[i - start];
        Memory.getBytes(address + start, attribute, 0, attribute.length);
        out.add(attribute);
        start = i + 1;
      }
    }
    return Math.min(length, 0);
  }

  /** Sets an attribute that a user names; returns 0 or the negative errno. */
  public static int set(int dirfd, byte[] at, byte[] name, long address, int size, int flags) {
    return Xattrs.set(dirfd, at, OverlayXattrs.toStored(name), address, size, flags);
  }

  /** Removes an attribute that a user names; returns 0 or the negative errno. */
  public static int remove(int dirfd, byte[] at, byte[] name) {
    return Xattrs.remove(dirfd, at, OverlayXattrs.toStored(name));
  }
}
