package dev.lamina.union;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.nio.ByteBuffer;

/**
 * Keeps a copied-up file's inode number: an attribute of the upper file names the lower file whose
 * number it goes on showing, also after a remount.
 *
 * <p>The lower file is named by its own inode number and that of its layer's root, which is checked
 * against the layers of the mount: after a layer was unpacked anew the mark means nothing.
 */
final class NumberMarks {
  private static final byte VERSION = 1;
  private static final int SIZE = 17;

  private final UpperFormat format;
  private final InodeNumbers numbers;
  private final long[] rootDevices;
  private final long[] rootNumbers;

  NumberMarks(LayerStack stack, UpperFormat format, InodeNumbers numbers) {
    this.format = format;
    this.numbers = numbers;
    rootDevices = new long[stack.size()];
    rootNumbers = new long[stack.size()];
    Stat stat = new Stat();
    for (int i = 0; i < stack.size(); i++) {
      // A layer whose root has no attributes gets no marks; what is wrong with it shows elsewhere.
      if (stack.get(i).root().stat(Linux.EMPTY, stat) == 0) {
        rootDevices[i] = stat.dev;
        rootNumbers[i] = stat.ino;
      }
    }
  }

  /** True when the file's number can be kept: hard links of a layer part at copy-up. */
  boolean isKept(Stat lower, int layer) {
    return lower.nlink == 1 && lower.dev == rootDevices[layer] && rootNumbers[layer] != 0;
  }

  /** Marks a copy, by (descriptor, name), as that of a lower file; 0 or the negative errno. */
  int write(int dirfd, byte[] name, Stat lower, int layer) {
    byte[] mark =
        ByteBuffer.allocate(SIZE)
            .put(VERSION)
            .putLong(rootNumbers[layer])
            .putLong(lower.ino)
            .array();
    int result = Xattrs.set(dirfd, name, format.numberAttribute(), mark);
    // Without such attributes the file shows its own number, as on overlayfs.
    return result == -Errno.EOPNOTSUPP ? 0 : result;
  }

  /** Whether a directory may hold marked files; asked of the layer once. */
  boolean isImpure(Inode directory) {
    if (!directory.isUpper()) {
      return false;
    }
    if (directory.impure == 0) {
      directory.impure = (byte) (format.isImpure(directory.upperDirectory()) ? 2 : 1);
    }
    return directory.impure == 2;
  }

  /** Notes that a directory holds a marked file; 0 or the negative errno. */
  int makeImpure(Inode directory) {
    if (isImpure(directory)) {
      return 0;
    }
    FdDirectory upper = directory.upperDirectory();
    int fd = upper.acquire();
    if (fd < 0) {
      return fd;
    }
    int result;
    try {
      result = format.markImpure(fd);
    } finally {
      upper.release();
    }
    if (result == 0) {
      directory.impure = 2;
    }
    return result == -Errno.EOPNOTSUPP ? 0 : result;
  }

  /**
   * The number of an upper object that is no directory.
   *
   * @param impure whether its directory may hold marked files
   * @param ownDevice and {@code ownIno} what stat says of the object itself
   */
  long number(LayerDirectory directory, byte[] name, boolean impure, long ownDevice, long ownIno) {
    byte[] mark = impure ? format.readNumber(directory, name) : null;
    if (mark != null && mark.length == SIZE && mark[0] == VERSION) {
      ByteBuffer buffer = ByteBuffer.wrap(mark, 1, SIZE - 1);
      long root = buffer.getLong();
      long ino = buffer.getLong();
      for (int i = 0; i < rootNumbers.length; i++) {
        if (rootNumbers[i] == root) {
          return numbers.number(rootDevices[i], ino);
        }
      }
    }
    return numbers.number(ownDevice, ownIno);
  }
}
