package dev.lamina.image.layer;

import dev.lamina.image.tar.Xattr;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.OverlayXattrs;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Reads link targets and extended attributes of objects, through native memory that it holds. One
 * thread uses it and closes it.
 */
final class ObjectReader implements AutoCloseable {
  /** The size of the longest value and of the longest list (XATTR_LIST_MAX in limits.h). */
  private static final int SIZE = Xattrs.XATTR_SIZE_MAX;

  private final NativeMemory list = new NativeMemory(SIZE);
  private final NativeMemory value = new NativeMemory(SIZE);

  /** Returns the target of a symbolic link. */
  byte[] linkTarget(TreeObject link) throws ErrnoException {
    long address = value.address();
    int length = link.directory().readlink(link.name(), address, SIZE);
    return copy(address, ErrnoException.check(length));
  }

  /** Returns the attributes of an object that are part of an image, sorted by name. */
  List<Xattr> xattrs(TreeObject object) throws ErrnoException {
    LayerDirectory directory = object.directory();
    int length = directory.listxattr(object.name(), list.address(), SIZE);
    if (length == 0 || length == -Errno.EOPNOTSUPP) {
      return List.of();
    }
    byte[] names = copy(list.address(), ErrnoException.check(length));
    List<Xattr> found = new ArrayList<>();
    for (int start = 0, end = 0; end < names.length; end++) {
      if (names[end] == 0) {
        byte[] stored = Arrays.copyOfRange(names, start, end);
        byte[] content = Xattr.isOfImage(stored) ? read(directory, object.name(), stored) : null;
        if (content != null) {
          found.add(new Xattr(OverlayXattrs.toVisible(stored), content));
        }
        start = end + 1;
      }
    }
    found.sort(Comparator.comparing(Xattr::name, Arrays::compareUnsigned));
    return found;
  }

  /** Returns null when the attribute has just been removed. */
  private byte[] read(LayerDirectory directory, byte[] name, byte[] attribute)
      throws ErrnoException {
    int length = directory.getxattr(name, attribute, value.address(), SIZE);
    return length == -Errno.ENODATA ? null : copy(value.address(), ErrnoException.check(length));
  }

  private static byte[] copy(long address, int length) {
    byte[] bytes = new byte[length];
    Memory.getBytes(address, bytes, 0, length);
    return bytes;
  }

  @Override
  public void close() {
    list.close();
    value.close();
  }
}
