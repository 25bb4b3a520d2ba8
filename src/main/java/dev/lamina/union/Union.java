package dev.lamina.union;

import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.List;

/**
 * What the parts of one mount share.
 *
 * @param work null on a read-only mount
 * @param locks held until the mount ends
 * @param isVolatile copy-ups and fsync are not written out to the disk (option {@code volatile})
 */
record Union(
    LayerStack stack,
    Merge merge,
    InodeTable table,
    InodeNumbers numbers,
    NumberMarks marks,
    UpperFormat format,
    Protection protection,
    Traps traps,
    WorkDirectory work,
    boolean isVolatile,
    PassthroughPolicy passthrough,
    List<DirectoryLock> locks) {

  /**
   * @throws ErrnoException EROFS on a read-only mount
   */
  void checkWritable() throws ErrnoException {
    if (work == null) {
      throw ErrnoException.of(Errno.EROFS);
    }
  }

  /**
   * Marks the work directory of a volatile mount, until it is closed.
   *
   * @throws IllegalStateException where it cannot be marked
   */
  void markVolatile() {
    int result = isVolatile && work != null ? work.markVolatile() : 0;
    if (result < 0) {
      throw new IllegalStateException(
          "the work directory cannot be marked as volatile: " + Errno.message(-result));
    }
  }

  /** The inode of a nodeid, which the kernel may only name while it is known. */
  Inode inode(long nodeid) throws ErrnoException {
    Inode inode = table.get(nodeid);
    if (inode == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return inode;
  }

  /**
   * The same for one that must be a directory.
   *
   * @throws ErrnoException ENOTDIR where it is none
   */
  Inode directory(long nodeid) throws ErrnoException {
    Inode inode = inode(nodeid);
    if (!inode.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    return inode;
  }
}
