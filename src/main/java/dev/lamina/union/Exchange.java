package dev.lamina.union;

import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.union.Rename.End;

/**
 * Lets two names change places (RENAME_EXCHANGE of renameat2(2)). Both objects are on the upper,
 * where it is one call; no whiteout is needed, since both names stay.
 */
final class Exchange {
  private final Union union;
  private final MoveMarks relocation;

  Exchange(Union union, MoveMarks relocation) {
    this.union = union;
    this.relocation = relocation;
  }

  /**
   * Exchanges two names, under the monitors of both directories and inodes.
   *
   * @return false when a name leads elsewhere by now
   */
  boolean exchange(End one, End other) throws ErrnoException {
    if (!one.isCurrent(union.table()) || !other.isCurrent(union.table())) {
      return false;
    }
    int fd = ErrnoException.check(one.upper().acquire());
    try {
      int otherFd = ErrnoException.check(other.upper().acquire());
      try {
        relocation.prepare(one, fd, other.directory());
        relocation.prepare(other, otherFd, one.directory());
        exchangeOnUpper(one, fd, other, otherFd);
      } finally {
        other.upper().release();
      }
    } finally {
      one.upper().release();
    }
    Dentry dentry = union.table().dentry(one.directory(), one.name());
    Dentry otherDentry = union.table().dentry(other.directory(), other.name());
    union.table().exchange(dentry, otherDentry);
    one.directory().version++;
    other.directory().version++;
    return true;
  }

  /** Directories stay open meanwhile, since their descriptors could not be had again. */
  private static void exchangeOnUpper(End one, int fd, End other, int otherFd)
      throws ErrnoException {
    FdDirectory directory = pinned(one);
    try {
      FdDirectory otherDirectory = pinned(other);
      try {
        int flags = Linux.RENAME_EXCHANGE;
        ErrnoException.check(Linux.renameat2(fd, one.name(), otherFd, other.name(), flags));
        if (directory != null) {
          directory.moveTo(other.upper(), other.name());
        }
        if (otherDirectory != null) {
          otherDirectory.moveTo(one.upper(), one.name());
        }
      } finally {
        release(otherDirectory);
      }
    } finally {
      release(directory);
    }
  }

  private static FdDirectory pinned(End end) throws ErrnoException {
    if (!end.inode().isDirectory()) {
      return null;
    }
    FdDirectory directory = end.inode().upperDirectory();
    ErrnoException.check(directory.acquire());
    return directory;
  }

  private static void release(FdDirectory directory) {
    if (directory != null) {
      directory.release();
    }
  }
}
