package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.DirectoryMemo;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.Locks;
import dev.lamina.union.inode.NumberMarks;
import dev.lamina.union.upper.OwnerPermission;
import dev.lamina.union.upper.WorkDirectory;

/**
 * Puts finished copies from the work directory into place, under the monitors of the copied inode
 * and of the directory of its name. If this fails, the copy is removed.
 */
public final class CopyPlacement {
  private final WorkDirectory work;
  private final NumberMarks marks;

  /**
   * @param work null on a read-only mount, where nothing is copied
   */
  public CopyPlacement(WorkDirectory work, NumberMarks marks) {
    this.work = work;
    this.marks = marks;
  }

  /** Makes a copied directory the upper part of its original. */
  void placeDirectory(Inode directory, byte[] copy) throws ErrnoException {
    try {
      Dentry name = directory.name();
      if (name == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      Locks.hold(
          name.parent,
          directory,
          () -> {
            placeDirectoryUnderLocks(directory, name, copy);
            return null;
          });
    } catch (ErrnoException | RuntimeException | Error e) {
      work.discard(copy);
      throw e;
    }
  }

  private void placeDirectoryUnderLocks(Inode directory, Dentry name, byte[] copy)
      throws ErrnoException {
    if (directory.anyName() != name) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    // Kernel overlayfs shows the lower directory's number in listings only with this mark.
    ErrnoException.check(marks.makeImpure(name.parent));
    install(name, copy);
    // A lookup that has not seen the upper part must look again.
    name.parent.countChange();
    FdDirectory upper = name.parent.upperDirectory().child(name.name);
    Whiteouts.startsEmpty(upper);
    directory.addUpper(upper);
    // A reader that has listed the contributors must list them again.
    directory.countChange();
    DirectoryMemo.IMPURE.forget(directory);
  }

  /** Makes a copy the upper object of its inode. */
  void place(Inode inode, TemporaryCopy copy, Truncation truncation, LongWork copyUp)
      throws ErrnoException {
    try {
      boolean done = false;
      while (!done) {
        Dentry name = inode.name();
        Inode parent = name == null ? null : name.parent;
        done =
            Locks.hold(inode, parent, () -> placeUnderLocks(inode, name, copy, truncation, copyUp));
      }
    } catch (ErrnoException | RuntimeException | Error e) {
      Truncation.undo(truncation);
      work.discard(copy.name());
      throw e;
    }
  }

  /** Returns false if the inode has got or lost a name meanwhile. */
  private boolean placeUnderLocks(
      Inode inode, Dentry name, TemporaryCopy copy, Truncation truncation, LongWork copyUp)
      throws ErrnoException {
    if (inode.anyName() != name) {
      return false;
    }
    if (copyUp.isAbandoned()) {
      throw ErrnoException.of(Errno.EINTR);
    }
    if (truncation != null && inode.lowerBackings > 0) {
      // The kernel has begun to read the lower file meanwhile; all of the data is needed now.
      truncation.refuse();
      throw ErrnoException.of(Errno.EAGAIN);
    }
    if (name == null) {
      detach(inode, copy.name());
    } else {
      if (copy.keepsNumber()) {
        ErrnoException.check(marks.makeImpure(name.parent));
      }
      install(name, copy.name());
      name.parent.countChange();
    }
    inode.becomeUpper();
    if (!copy.keepsNumber()) {
      inode.number = copy.ownNumber();
    }
    return true;
  }

  /** Keeps the copy of a file without a name, which may have lost its name meanwhile. */
  private void detach(Inode inode, byte[] copy) throws ErrnoException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    int fd = ErrnoException.check(Linux.openat(work.fd(), copy, flags, 0));
    inode.detach(work.directory().detached(fd));
    work.discard(copy);
  }

  /** Renames the copy to its place and restores the times of the directory. */
  private void install(Dentry name, byte[] copy) throws ErrnoException {
    FdDirectory parent = name.parent.upperDirectory();
    int fd = ErrnoException.check(parent.acquire());
    try {
      Stat times = new Stat();
      ErrnoException.check(Linux.fstat(fd, times));
      ErrnoException.check(renameWithoutReplacing(copy, fd, name.name));
      // An error is ignored: the copy is in place, so the copy-up has not failed.
      Linux.utimensat(fd, Linux.EMPTY, times);
    } finally {
      parent.release();
    }
  }

  /** Renames the copy; anything that has the name on the upper already is newer than the copy. */
  private int renameWithoutReplacing(byte[] copy, int dirfd, byte[] name) {
    int fd = work.fd();
    int result = OwnerPermission.rename(fd, copy, dirfd, name, Linux.RENAME_NOREPLACE);
    return result == -Errno.EINVAL ? OwnerPermission.rename(fd, copy, dirfd, name, 0) : result;
  }
}
