package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.upper.OwnerPermission;

/** One end of a rename: a name in a directory, and the inode that it leads to, if any. */
final class RenameEnd {
  final Inode directory;
  final byte[] name;

  /** Null if nothing has the name. */
  final Inode inode;

  private int fd = -1;

  RenameEnd(Inode directory, byte[] name, Inode inode) {
    this.directory = directory;
    this.name = name;
    this.inode = inode;
  }

  /** Returns the upper part of the directory. */
  FdDirectory upper() {
    return directory.upperDirectory();
  }

  /** Returns the dentry of the name; null if nothing has the name. */
  Dentry dentry(InodeTable table) {
    return inode == null ? null : table.dentry(directory, name);
  }

  /** Returns whether the name still leads to the inode, or still to none. */
  boolean isCurrent(InodeTable table) {
    Dentry dentry = table.dentry(directory, name);
    return inode == null ? dentry == null : dentry != null && dentry.inode == inode;
  }

  /** Opens the upper directory until {@link #release}. */
  void acquire() throws ErrnoException {
    fd = ErrnoException.check(upper().acquire());
  }

  void release() {
    upper().release();
  }

  /** Returns the descriptor of the upper directory. */
  int fd() {
    return fd;
  }

  /** Returns the type of the object that has the name on the upper; 0 if there is none. */
  int typeOnUpper() throws ErrnoException {
    Stat stat = new Stat();
    int result = Linux.statx(fd, name, stat);
    if (result == -Errno.ENOENT) {
      return 0;
    }
    ErrnoException.check(result);
    return stat.type();
  }

  /**
   * Renames the object on the upper.
   *
   * @param flags of renameat2(2)
   * @return 0 or the negative errno
   */
  int renameTo(RenameEnd to, int flags) {
    return OwnerPermission.rename(fd, name, to.fd, to.name, flags);
  }
}
