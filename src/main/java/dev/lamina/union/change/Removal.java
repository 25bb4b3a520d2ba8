package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.MergedListing;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Locks;
import dev.lamina.union.inode.Lookup;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.WorkDirectory;

/**
 * Removes names. An object that only the upper has is removed there; a name that a layer below
 * shows gets a whiteout, in one atomic step.
 */
public final class Removal {
  private final Merge merge;
  private final InodeTable table;
  private final Lookup lookup;
  private final Protection protection;
  private final CopyUp copyUp;
  private final WorkDirectory work;

  /**
   * @param work null on a read-only mount
   */
  public Removal(
      Merge merge,
      InodeTable table,
      Lookup lookup,
      Protection protection,
      CopyUp copyUp,
      WorkDirectory work) {
    this.merge = merge;
    this.table = table;
    this.lookup = lookup;
    this.protection = protection;
    this.copyUp = copyUp;
    this.work = work;
  }

  /**
   * Removes a name of anything but a directory (unlink(2)).
   *
   * @throws ErrnoException EISDIR for a directory
   */
  public void unlink(Inode parent, byte[] name) throws ErrnoException {
    remove(parent, name, false);
  }

  /**
   * Removes a directory (rmdir(2)).
   *
   * @throws ErrnoException ENOTDIR for anything else, ENOTEMPTY
   */
  public void rmdir(Inode parent, byte[] name) throws ErrnoException {
    remove(parent, name, true);
  }

  private void remove(Inode parent, byte[] name, boolean directory) throws ErrnoException {
    boolean done = false;
    while (!done) {
      Stat stat = new Stat();
      // Usually the kernel has looked up what it removes.
      Inode known = table.child(parent, name, true);
      Inode inode = known != null ? known : lookup.find(parent, name, stat);
      if (inode == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      try {
        if (inode.isDirectory() != directory) {
          throw ErrnoException.of(directory ? Errno.ENOTDIR : Errno.EISDIR);
        }
        protection.checkChange(parent);
        protection.checkChange(inode);
        if (!parent.isUpper() && directory) {
          // A directory that cannot be removed must not cause a copy-up.
          checkEmpty(inode);
        }
        copyUp.directory(parent);
        done = Locks.hold(parent, inode, () -> removeUnderLocks(parent, name, inode, stat));
      } finally {
        table.forget(inode, 1);
      }
    }
  }

  /** Returns false if the name leads to another inode by now. */
  private boolean removeUnderLocks(Inode parent, byte[] name, Inode inode, Stat stat)
      throws ErrnoException {
    Dentry dentry = table.dentry(parent, name);
    if (dentry == null || dentry.inode != inode) {
      return false;
    }
    if (inode.isDirectory()) {
      checkEmpty(inode);
    }
    boolean below = merge.isBelow(parent.contributors(), name, stat);
    FdDirectory upper = parent.upperDirectory();
    int dirfd = ErrnoException.check(upper.acquire());
    try (RemovedObject removed = new RemovedObject(dentry, dirfd)) {
      if (!inode.isUpper()) {
        ErrnoException.check(work.makeWhiteout(upper, dirfd, name));
      } else if (below) {
        work.putWhiteout(upper, dirfd, name, inode.isDirectory());
      } else if (inode.isDirectory()) {
        removeDirectory(dirfd, name);
      } else {
        ErrnoException.check(Linux.unlinkat(dirfd, name, 0));
      }
      table.removeName(dentry);
      removed.keep();
      parent.countChange();
      inode.countChange();
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

  /** Removes a directory that users see as empty; it may still hold whiteouts. */
  private void removeDirectory(int dirfd, byte[] name) throws ErrnoException {
    int result = Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
    if (result == -Errno.ENOTEMPTY || result == -Errno.EEXIST) {
      work.removeEmptied(dirfd, name);
    } else {
      ErrnoException.check(result);
    }
  }
}
