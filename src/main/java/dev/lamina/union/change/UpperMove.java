package dev.lamina.union.change;

import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.union.upper.OwnerPermission;
import dev.lamina.union.upper.WorkDirectory;

/**
 * Moves an object on the upper, and leaves a whiteout at its old name if a layer below has it.
 *
 * <p>A move returns 0, or the negative errno of a step that failed after the object had moved and
 * that could not be undone. It throws an exception if nothing has changed.
 */
public final class UpperMove {
  private final WorkDirectory work;

  /**
   * @param work null on a read-only mount, where nothing is moved
   */
  public UpperMove(WorkDirectory work) {
    this.work = work;
  }

  /**
   * Moves an object.
   *
   * @param below whether a layer below has the old name
   */
  int move(RenameEnd from, RenameEnd to, boolean below) throws ErrnoException {
    if (below && work.format().hidesInPlace()) {
      return moveLeavingWhiteout(from, to);
    }
    if (below) {
      // It lies beside the name. As long as the name exists it hides nothing that the name does
      // not.
      ErrnoException.check(work.makeWhiteout(from.upper(), from.fd(), from.name));
    }
    ErrnoException.check(from.renameTo(to, 0));
    return 0;
  }

  /** Returns whether there may be a whiteout beside a name that is to be replaced. */
  boolean mayBeHiddenBeside(RenameEnd to) throws ErrnoException {
    return to.directory.isMerged() && !work.format().hidesInPlace()
        || Whiteouts.isHiddenByPrefix(to.upper(), to.name);
  }

  private int moveLeavingWhiteout(RenameEnd from, RenameEnd to) throws ErrnoException {
    if (work.features().leavesWhiteouts()) {
      ErrnoException.check(from.renameTo(to, Linux.RENAME_WHITEOUT));
      return 0;
    }
    byte[] whiteout = work.newName();
    ErrnoException.check(work.format().allowWhiteouts(from.upper(), from.fd()));
    ErrnoException.check(work.makeWhiteout(work.directory(), work.fd(), whiteout));
    try {
      return moveInTwoSteps(from, to, whiteout);
    } finally {
      work.discard(whiteout);
    }
  }

  /**
   * Moves an object on a file system without RENAME_WHITEOUT. After a crash between the two steps
   * the old name shows what a layer below has, or what the rename replaces: that is kept there so
   * that the first step can be undone.
   */
  private int moveInTwoSteps(RenameEnd from, RenameEnd to, byte[] whiteout) throws ErrnoException {
    int replaced = to.typeOnUpper();
    int swap = replaced == 0 ? 0 : Linux.RENAME_EXCHANGE;
    ErrnoException.check(from.renameTo(to, swap));
    int flags = replaced == Mode.S_IFDIR ? Linux.RENAME_EXCHANGE : 0;
    int result = OwnerPermission.rename(work.fd(), whiteout, from.fd(), from.name, flags);
    if (result < 0 && to.renameTo(from, swap) == 0) {
      throw ErrnoException.of(-result);
    }
    return result;
  }
}
