package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Place;
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
import dev.lamina.union.inode.NumberMarks;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.WorkDirectory;

/** Creates hard links. */
public final class HardLinks {
  private final Merge merge;
  private final InodeTable table;
  private final NumberMarks marks;
  private final Protection protection;
  private final CopyUp copyUp;
  private final WorkDirectory work;

  /**
   * @param work null on a read-only mount
   */
  public HardLinks(
      Merge merge,
      InodeTable table,
      NumberMarks marks,
      Protection protection,
      CopyUp copyUp,
      WorkDirectory work) {
    this.merge = merge;
    this.table = table;
    this.marks = marks;
    this.protection = protection;
    this.copyUp = copyUp;
    this.work = work;
  }

  /**
   * Gives a file one more name.
   *
   * @return the inode that has the name: the given one or its successor
   * @throws ErrnoException EPERM for a directory, ENOENT for a file that has no name left
   */
  Inode link(Inode file, Inode parent, byte[] name) throws ErrnoException {
    Lookup.checkNewName(name);
    Inode linked = null;
    while (linked == null) {
      Inode inode = file.named();
      linked = attempt(inode, parent, name) ? inode : null;
    }
    return linked;
  }

  /** Returns false if the inode has got a successor meanwhile. */
  private boolean attempt(Inode inode, Inode parent, byte[] name) throws ErrnoException {
    if (inode.isDirectory()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    protection.checkChange(inode);
    protection.checkAddition(parent);
    copyUp.copyUp(inode);
    copyUp.directory(parent);
    return Locks.hold(
        inode,
        parent,
        () -> {
          if (inode.named() != inode) {
            return false;
          }
          Stat stat = new Stat();
          Obstacle obstacle = Obstacle.find(merge, parent, name, stat);
          if (inode.anyName() == null && !inode.isDetached()) {
            throw ErrnoException.of(Errno.ENOENT);
          }
          linkUnderLocks(inode, parent, name, obstacle, stat);
          return true;
        });
  }

  private void linkUnderLocks(Inode inode, Inode parent, byte[] name, Obstacle obstacle, Stat stat)
      throws ErrnoException {
    Dentry known = inode.anyName();
    Place source = inode.place();
    FdDirectory from = (FdDirectory) source.directory();
    FdDirectory to = parent.upperDirectory();
    int fromFd = ErrnoException.check(from.acquire());
    try {
      int toFd = ErrnoException.check(to.acquire());
      try {
        ErrnoException.check(Linux.statx(fromFd, source.name(), stat));
        if (known != null && marks.isImpure(known.parent)) {
          ErrnoException.check(marks.makeImpure(parent));
        }
        if (obstacle == Obstacle.WHITEOUT) {
          linkOverWhiteout(fromFd, source.name(), toFd, name);
        } else {
          ErrnoException.check(link(fromFd, source.name(), toFd, name));
          obstacle.removeBeside(toFd, name);
        }
        table.share(inode, stat.ino);
        table.addName(parent, name, inode);
        parent.countChange();
      } finally {
        to.release();
      }
    } finally {
      from.release();
    }
    if (known == null) {
      inode.attach();
    }
  }

  /**
   * Makes a link on the upper. An object without a name is reached by its descriptor; only if it
   * was made with O_TMPFILE can it be linked, and the upper's file system knows that (ENOENT if
   * not).
   */
  private static int link(int fromFd, byte[] source, int toFd, byte[] name) {
    return source.length == 0
        ? Linux.linkDescriptor(fromFd, toFd, name)
        : Linux.linkat(fromFd, source, toFd, name);
  }

  private void linkOverWhiteout(int fromFd, byte[] oldName, int toFd, byte[] newName)
      throws ErrnoException {
    byte[] temporary = work.newName();
    ErrnoException.check(link(fromFd, oldName, work.fd(), temporary));
    int result = Linux.renameat2(work.fd(), temporary, toFd, newName, 0);
    if (result < 0) {
      work.discard(temporary);
      throw ErrnoException.of(-result);
    }
  }
}
