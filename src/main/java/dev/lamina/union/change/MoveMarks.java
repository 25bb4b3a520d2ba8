package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Opaque;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.NumberMarks;
import dev.lamina.union.upper.OwnerPermission;

/** Sets the marks that an upper object, or the directory it moves to, needs before it moves. */
public final class MoveMarks {
  private final NumberMarks numberMarks;
  private final UpperFormat format;

  public MoveMarks(NumberMarks numberMarks, UpperFormat format) {
    this.numberMarks = numberMarks;
    this.format = format;
  }

  /**
   * Sets the marks. If the move fails afterwards, they change nothing.
   *
   * @param end the object that moves; its directory is open
   * @param target the directory that it moves to
   */
  void prepare(RenameEnd end, Inode target) throws ErrnoException {
    if (end.inode.isDirectory()) {
      makeOpaque(end, target);
    } else if (numberMarks.isImpure(end.directory)) {
      ErrnoException.check(numberMarks.makeImpure(target));
    }
  }

  /** Hides what a layer below has under the new name of a directory. */
  private void makeOpaque(RenameEnd end, Inode target) throws ErrnoException {
    FdDirectory directory = end.inode.upperDirectory();
    if (target.isMerged() && !Opaque.isOpaque(directory)) {
      ErrnoException.check(
          OwnerPermission.change(end.fd(), end.name, () -> format.markOpaque(end.fd(), end.name)));
      Opaque.wasMadeOpaque(directory);
    }
  }
}
