package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;

/**
 * An upper object whose name is being removed, and which is kept reachable for open files and for
 * processes that have it as their working directory. Used under the monitors of the directory and
 * of the inode of the name.
 */
final class RemovedObject implements AutoCloseable {
  private final Inode inode;
  private final FdDirectory parent;

  /** The removed directory, pinned; null for any other object. */
  private FdDirectory directory;

  /** The removed object if nothing else keeps it; -1 otherwise. */
  private int fd = -1;

  /**
   * @param dentry the name that is to be removed, or null if none is
   * @param dirfd a descriptor of the name's directory
   */
  RemovedObject(Dentry dentry, int dirfd) throws ErrnoException {
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

  /** Keeps the object: its name has been removed. */
  void keep() {
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
      // An O_PATH descriptor has no data to write back, so closing it cannot fail.
      Linux.close(fd);
    }
  }
}
