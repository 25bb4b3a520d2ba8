package dev.lamina.union;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.MergedListing;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;

/**
 * Removes names. What only the upper has is removed there; what a layer below shows gets a
 * whiteout, in one atomic step.
 */
final class Removal {
  private final Union union;
  private final Lookup lookup;
  private final CopyUp copyUp;

  Removal(Union union, Lookup lookup, CopyUp copyUp) {
    this.union = union;
    this.lookup = lookup;
    this.copyUp = copyUp;
  }

  /** unlink(2): EISDIR for a directory. */
  void unlink(Inode parent, byte[] name) throws ErrnoException {
    remove(parent, name, false);
  }

  /** rmdir(2): ENOTDIR for anything else, ENOTEMPTY. */
  void rmdir(Inode parent, byte[] name) throws ErrnoException {
    remove(parent, name, true);
  }

  private void remove(Inode parent, byte[] name, boolean directory) throws ErrnoException {
    boolean done = false;
    while (!done) {
      Stat stat = new Stat();
      // What the kernel removes it has looked up.
      Inode known = union.table().child(parent, name, true);
      Inode inode = known != null ? known : lookup.find(parent, name, stat);
      if (inode == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      try {
        if (inode.isDirectory() != directory) {
          throw ErrnoException.of(directory ? Errno.ENOTDIR : Errno.EISDIR);
        }
        union.protection().checkChange(parent);
        union.protection().checkChange(inode);
        if (!parent.isUpper() && directory) {
          // What cannot be removed must not cost a copy-up.
          checkEmpty(inode);
        }
        copyUp.directory(parent);
        done = Locks.hold(parent, inode, () -> removeUnderLocks(parent, name, inode, stat));
      } finally {
        union.table().forget(inode, 1);
      }
    }
  }

  /** False when the name leads elsewhere by now. */
  private boolean removeUnderLocks(Inode parent, byte[] name, Inode inode, Stat stat)
      throws ErrnoException {
    Dentry dentry = union.table().dentry(parent, name);
    if (dentry == null || dentry.inode != inode) {
      return false;
    }
    if (inode.isDirectory()) {
      checkEmpty(inode);
    }
    boolean below = union.merge().isBelow(parent.contributors(), name, stat);
    FdDirectory upper = parent.upperDirectory();
    int dirfd = ErrnoException.check(upper.acquire());
    try (Keeper keeper = new Keeper(dentry, dirfd)) {
      if (!inode.isUpper()) {
        ErrnoException.check(union.work().makeWhiteout(union.format(), upper, dirfd, name));
      } else if (below) {
        union.work().putWhiteout(union.format(), upper, dirfd, name, inode.isDirectory());
      } else if (inode.isDirectory()) {
        removeDirectory(dirfd, name);
      } else {
        ErrnoException.check(Linux.unlinkat(dirfd, name, 0));
      }
      union.table().removeName(dentry);
      keeper.commit();
      parent.version++;
      inode.version++;
      return true;
    } finally {
      upper.release();
    }
  }

  private static void checkEmpty(Inode directory) throws ErrnoException {
    if (!MergedListing.isEmpty(directory.contributors())) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
  }

  /** An empty directory may still hold whiteouts. */
  private void removeDirectory(int dirfd, byte[] name) throws ErrnoException {
    int result = Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
    if (result == -Errno.ENOTEMPTY || result == -Errno.EEXIST) {
      union.work().removeEmptied(dirfd, name);
    } else {
      ErrnoException.check(result);
    }
  }

  /**
   * Keeps an upper object reachable when its name goes: an open file or a process's working
   * directory may still need it. Used under the monitors of the name's directory and inode.
   */
  static final class Keeper implements AutoCloseable {
    private final Inode inode;
    private final FdDirectory parent;

    /** The directory that goes, pinned; null for anything else. */
    private FdDirectory directory;

    /** The object that goes, where nothing else keeps it; -1 otherwise. */
    private int fd = -1;

    /**
     * @param dentry null where nothing is to be removed
     */
    Keeper(Dentry dentry, int dirfd) throws ErrnoException {
      inode = dentry == null ? null : dentry.inode;
      parent = dentry == null ? null : dentry.parent.upperDirectory();
      if (inode == null || !inode.isUpper()) {
        return;
      }
      if (inode.isDirectory()) {
        ErrnoException.check(inode.upperDirectory().acquire());
        directory = inode.upperDirectory();
      } else if (!inode.hasOtherNames(dentry) && !inode.isDetached()) {
        int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
        fd = ErrnoException.check(Linux.openat(dirfd, dentry.name, flags, 0));
      }
    }

    /** The name is gone. */
    void commit() {
      if (directory != null) {
        directory.makePermanent();
      }
      if (fd >= 0) {
        inode.detach(parent.detached(fd));
        fd = -1;
      }
    }

    @Override
    public void close() {
      if (directory != null) {
        directory.release();
      }
      if (fd >= 0) {
        // An O_PATH descriptor has nothing to write back: closing it cannot fail.
        Linux.close(fd);
      }
    }
  }
}
