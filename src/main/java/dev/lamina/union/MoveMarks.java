package dev.lamina.union;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Opaque;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.Rename.End;

/** The marks that an upper object, or the directory it moves to, must have before it moves. */
final class MoveMarks {
  private final Union union;

  MoveMarks(Union union) {
    this.union = union;
  }

  /**
   * Marks what is needed. A mark that turns out not to have been needed, because the move fails,
   * changes nothing.
   *
   * @param dirfd of the directory it is in
   * @param target the directory it moves to
   */
  void prepare(End end, int dirfd, Inode target) throws ErrnoException {
    if (end.inode().isDirectory()) {
      makeOpaque(end, dirfd, target);
    } else if (union.marks().isImpure(end.directory())) {
      ErrnoException.check(union.marks().makeImpure(target));
    }
  }

  /** What a layer below has under a directory's new name must not show through. */
  private void makeOpaque(End end, int dirfd, Inode target) throws ErrnoException {
    FdDirectory directory = end.inode().upperDirectory();
    if (target.isMerged() && !Opaque.isOpaque(directory)) {
      ErrnoException.check(
          OwnerPermission.change(
              dirfd, end.name(), () -> union.format().markOpaque(dirfd, end.name())));
      Opaque.wasMadeOpaque(directory);
    }
  }
}
