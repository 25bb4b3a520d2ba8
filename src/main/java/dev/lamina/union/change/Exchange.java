package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.union.inode.InodeTable;

/**
 * Exchanges two names (RENAME_EXCHANGE of renameat2(2)). Both objects are on the upper, where this
 * is one call. No whiteout is needed, since both names remain in use.
 */
public final class Exchange {
  private final InodeTable table;
  private final MoveMarks marks;

  public Exchange(InodeTable table, MoveMarks marks) {
    this.table = table;
    this.marks = marks;
  }

  /**
   * Exchanges two names. Needs the monitors of both directories and inodes.
   *
   * @return false if a name leads to another inode by now
   */
  boolean exchange(RenameEnd one, RenameEnd other) throws ErrnoException {
    if (!one.isCurrent(table) || !other.isCurrent(table)) {
      return false;
    }
    one.acquire();
    try {
      other.acquire();
      try {
        marks.prepare(one, other.directory);
        marks.prepare(other, one.directory);
        exchangeOnUpper(one, other);
      } finally {
        other.release();
      }
    } finally {
      one.release();
    }
    table.exchange(one.dentry(table), other.dentry(table));
    one.directory.countChange();
    other.directory.countChange();
    return true;
  }

  /** Exchanges the objects. Directories stay open meanwhile: they could not be opened again. */
  private static void exchangeOnUpper(RenameEnd one, RenameEnd other) throws ErrnoException {
    FdDirectory directory = pinned(one);
    try {
      FdDirectory otherDirectory = pinned(other);
      try {
        int flags = Linux.RENAME_EXCHANGE;
        ErrnoException.check(Linux.renameat2(one.fd(), one.name, other.fd(), other.name, flags));
        if (directory != null) {
          directory.moveTo(other.upper(), other.name);
        }
        if (otherDirectory != null) {
          otherDirectory.moveTo(one.upper(), one.name);
        }
      } finally {
        release(otherDirectory);
      }
    } finally {
      release(directory);
    }
  }

  private static FdDirectory pinned(RenameEnd end) throws ErrnoException {
    if (!end.inode.isDirectory()) {
      return null;
    }
    FdDirectory directory = end.inode.upperDirectory();
    ErrnoException.check(directory.acquire());
    return directory;
  }

  private static void release(FdDirectory directory) {
    if (directory != null) {
      directory.release();
    }
  }
}
