package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Xattrs;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads marks that are extended attributes. Only ENODATA and EOPNOTSUPP say that a mark does not
 * exist, as in kernel overlayfs; every other error is passed to the caller.
 */
final class MarkBuffer {
  /**
   * The size of the buffer in bytes: enough for a redirect, which is no longer than a path, and for
   * most lists.
   */
  private static final int SIZE = 4096 + 64;

  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SIZE));

  private MarkBuffer() {}

  /** Returns the value of an attribute; null if it does not exist. */
  static byte[] read(LayerDirectory directory, byte[] entry, byte[] attribute)
      throws ErrnoException {
    ByteBuffer buffer = BUFFER.get();
    int length = directory.getxattr(entry, attribute, Memory.address(buffer), buffer.capacity());
    if (length == -Errno.ERANGE) {
      buffer = ByteBuffer.allocateDirect(Xattrs.XATTR_SIZE_MAX);
      length = directory.getxattr(entry, attribute, Memory.address(buffer), buffer.capacity());
    }
    return Xattrs.isNone(length) ? null : copy(buffer, ErrnoException.check(length));
  }

  /** Returns true if an object has an attribute, with any value. */
  static boolean has(LayerDirectory directory, byte[] entry, byte[] attribute)
      throws ErrnoException {
    int length = directory.getxattr(entry, attribute, 0, 0);
    return !Xattrs.isNone(length) && ErrnoException.check(length) >= 0;
  }

  /**
   * Returns the first of several attributes that an object has; null if it has none of them.
   * Reading the list of names takes one call instead of one for each attribute. And unlike a value
   * (xattr_permission in fs/xattr.c) the list can be read for objects that the daemon may not read,
   * most of which have no mark.
   */
  static byte[] present(LayerDirectory directory, byte[] entry, byte[][] attributes)
      throws ErrnoException {
    ByteBuffer buffer = BUFFER.get();
    int length = directory.listxattr(entry, Memory.address(buffer), buffer.capacity());
    if (length == -Errno.ERANGE) {
      buffer = ByteBuffer.allocateDirect(Xattrs.XATTR_SIZE_MAX);
      length = directory.listxattr(entry, Memory.address(buffer), buffer.capacity());
    }
    if (length == 0 || length == -Errno.EOPNOTSUPP) {
      return null;
    }
    byte[] names = copy(buffer, ErrnoException.check(length));
    for (byte[] attribute : attributes) {
      if (isListed(names, attribute)) {
        return attribute;
      }
    }
    return null;
  }

  private static boolean isListed(byte[] names, byte[] attribute) {
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        if (Arrays.equals(names, start, i, attribute, 0, attribute.length)) {
          return true;
        }
        start = i + 1;
      }
    }
    return false;
  }

  private static byte[] copy(ByteBuffer buffer, int length) {
    byte[] bytes = new byte[length];
    Memory.getBytes(Memory.address(buffer), bytes, 0, length);
    Reference.reachabilityFence(buffer);
    return bytes;
  }
}
