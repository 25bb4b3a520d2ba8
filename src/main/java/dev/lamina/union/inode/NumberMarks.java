package dev.lamina.union.inode;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Keeps the inode numbers of copied-up files across a remount: an attribute of the upper file names
 * the lower file whose number is shown.
 *
 * <p>The lower file is named by its inode number, the inode number of its layer's root and the id
 * of their file system (f_fsid of statfs(2)). The mark has no meaning if no layer of the mount has
 * this root on this file system (because it was unpacked anew, for example), or if several have.
 */
public final class NumberMarks {
  private static final byte VERSION = 2;
  private static final int SIZE = 1 + 3 * Long.BYTES;

  /** A layer's root directory: the numbers that name it in a mark, and its device in this mount. */
  private record Root(long fileSystem, long ino, long device) {
    boolean isNamedLike(Root other) {
      return other != null && fileSystem == other.fileSystem && ino == other.ino;
    }
  }

  private final UpperFormat format;
  private final InodeNumbers numbers;

  /** The root of each layer; null if no mark can name it. */
  private final Root[] roots;

  /**
   * @throws ErrnoException if the attributes of a layer's root cannot be read
   */
  public NumberMarks(LayerStack stack, UpperFormat format, InodeNumbers numbers)
      throws ErrnoException {
    this.format = format;
    this.numbers = numbers;
    Root[] all = new Root[stack.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = root(stack.get(i).root());
    }
    roots = new Root[all.length];
    for (int i = 0; i < all.length; i++) {
      roots[i] = isAmbiguous(all[i], all) ? null : all[i];
    }
  }

  private static Root root(LayerDirectory directory) throws ErrnoException {
    Stat stat = new Stat();
    FileSystemStat fileSystem = new FileSystemStat();
    ErrnoException.check(directory.stat(Linux.EMPTY, stat));
    int result = directory.statfs(fileSystem);
    if (result == -Errno.ENOSYS || result == -Errno.EOPNOTSUPP) {
      // The file system has no id.
      return null;
    }
    ErrnoException.check(result);
    return new Root(fileSystem.id, stat.ino, stat.dev);
  }

  /** Returns whether another file system has the same id, as copies of an image have. */
  private static boolean isAmbiguous(Root root, Root[] all) {
    return root != null
        && Arrays.stream(all)
            .anyMatch(other -> root.isNamedLike(other) && root.device != other.device);
  }

  /**
   * Returns whether a lower file's number can be kept. Hard links of a layer become separate files
   * at copy-up, so theirs cannot.
   */
  public boolean isKept(Stat lower, int layer) {
    Root root = roots[layer];
    return lower.nlink == 1 && root != null && lower.dev == root.device;
  }

  /**
   * Marks a copy, named by (descriptor, name), as that of a lower file whose number {@link
   * #isKept}.
   *
   * @return 1 if it was marked; 0 if it cannot be marked and shows its own number, as on overlayfs
   *     (a user attribute on anything but a regular file is refused for example, see xattr(7)); or
   *     the negative errno
   */
  public int write(int dirfd, byte[] name, Stat lower, int layer) {
    byte[] mark =
        ByteBuffer.allocate(SIZE)
            .put(VERSION)
            .putLong(roots[layer].fileSystem)
            .putLong(roots[layer].ino)
            .putLong(lower.ino)
            .array();
    int result = Xattrs.set(dirfd, name, format.numberAttribute(), mark);
    if (result == 0) {
      return 1;
    }
    return Xattrs.isRefused(result) ? 0 : result;
  }

  /** Returns whether a directory may hold marked files. The layer is asked only once. */
  public boolean isImpure(Inode directory) throws ErrnoException {
    if (!directory.isUpper()) {
      return false;
    }
    if (DirectoryMemo.IMPURE.isKnown(directory)) {
      return DirectoryMemo.IMPURE.isYes(directory);
    }
    boolean seen;
    try {
      seen = format.isImpure(directory.upperDirectory());
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EACCES) {
        // The mark may be a user attribute of a directory that the daemon may not read. Assuming
        // that there are marked files costs a look at each file; it is not remembered.
        return true;
      }
      throw e;
    }
    return DirectoryMemo.IMPURE.learnWhether(directory, seen);
  }

  /** Records that a directory holds a marked file; returns 0 or the negative errno. */
  public int makeImpure(Inode directory) {
    if (DirectoryMemo.IMPURE.isYes(directory)) {
      return 0;
    }
    FdDirectory upper = directory.upperDirectory();
    int fd = upper.acquire();
    if (fd < 0) {
      return fd;
    }
    int result;
    try {
      // It is not worth asking whether the mark is there already: that is no cheaper.
      result = format.markImpure(fd);
    } finally {
      upper.release();
    }
    if (result == 0) {
      DirectoryMemo.IMPURE.setYes(directory);
    }
    return Xattrs.isRefused(result) ? 0 : result;
  }

  /**
   * Returns the number to show for an upper object that is not a directory.
   *
   * @param impure whether its directory may hold marked files
   * @param ownDevice the device of the object itself
   * @param ownIno the inode number of the object itself
   */
  public long number(
      LayerDirectory directory, byte[] name, boolean impure, long ownDevice, long ownIno)
      throws ErrnoException {
    byte[] mark = impure ? format.readNumber(directory, name) : null;
    if (mark != null && mark.length == SIZE && mark[0] == VERSION) {
      ByteBuffer buffer = ByteBuffer.wrap(mark, 1, SIZE - 1);
      long fileSystem = buffer.getLong();
      long rootIno = buffer.getLong();
      long ino = buffer.getLong();
      for (Root root : roots) {
        if (root != null && root.fileSystem == fileSystem && root.ino == rootIno) {
          return numbers.number(root.device, ino);
        }
      }
    }
    return numbers.number(ownDevice, ownIno);
  }
}
