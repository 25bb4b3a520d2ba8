package dev.lamina.union.change;

import dev.lamina.layer.Merge;
import dev.lamina.layer.MergedListing;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.InodeTable;

/** Moves an object to another name, under the monitors of both directories and of the inodes. */
public final class Move {
  private final Merge merge;
  private final InodeTable table;
  private final UpperMove onUpper;
  private final DirectoryMove directories;
  private final MoveMarks marks;

  public Move(
      Merge merge,
      InodeTable table,
      UpperMove onUpper,
      DirectoryMove directories,
      MoveMarks marks) {
    this.merge = merge;
    this.table = table;
    this.onUpper = onUpper;
    this.directories = directories;
    this.marks = marks;
  }

  /**
   * Moves an object.
   *
   * @param late receives the negative errno of a step that failed after the object had moved
   * @return false if a name leads to another inode by now
   */
  boolean move(RenameEnd from, RenameEnd to, int[] late) throws ErrnoException {
    if (!from.isCurrent(table) || !to.isCurrent(table)) {
      return false;
    }
    if (to.directory.isRemoved()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    boolean replacesDirectory = to.inode != null && to.inode.isDirectory();
    if (replacesDirectory && !MergedListing.isEmpty(to.inode.contributors())) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
    from.acquire();
    try {
      to.acquire();
      try {
        late[0] = moveOpen(from, to);
        return true;
      } finally {
        to.release();
      }
    } finally {
      from.release();
    }
  }

  private int moveOpen(RenameEnd from, RenameEnd to) throws ErrnoException {
    Stat stat = new Stat();
    boolean below = merge.isBelow(from.directory.contributors(), from.name, stat);
    Dentry source = from.dentry(table);
    Dentry target = to.dentry(table);
    // Asked before anything has moved; a move may make such a whiteout as well.
    boolean isHiddenBeside = onUpper.mayBeHiddenBeside(to);
    int late;
    try (RemovedObject removed = new RemovedObject(target, to.fd())) {
      marks.prepare(from, to.directory);
      late =
          from.inode.isDirectory()
              ? directories.move(from, to, below)
              : onUpper.move(from, to, below);
      if (isHiddenBeside) {
        // It hides nothing that the object at the name does not hide, so a failure does not matter.
        Linux.unlinkat(to.fd(), Whiteouts.prefixed(to.name), 0);
      }
      if (target != null) {
        table.removeName(target);
        removed.keep();
        to.inode.countChange();
      }
    }
    // In this order, since an inode without any name would count as removed.
    table.addName(to.directory, to.name, from.inode);
    table.removeName(source);
    from.directory.countChange();
    to.directory.countChange();
    return late;
  }
}
