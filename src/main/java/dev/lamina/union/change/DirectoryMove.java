package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.MergedListing;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.union.copyup.CopyBuilder;
import dev.lamina.union.upper.OwnerPermission;
import dev.lamina.union.upper.WorkDirectory;

/**
 * Moves a directory on the upper, over whatever rename(2) would not replace: a whiteout, or a
 * directory that holds whiteouts. The results are those of {@link UpperMove}.
 */
public final class DirectoryMove {
  private final WorkDirectory work;
  private final CopyBuilder builder;
  private final UpperMove onUpper;

  /**
   * @param work null on a read-only mount, where nothing is moved
   */
  public DirectoryMove(WorkDirectory work, CopyBuilder builder, UpperMove onUpper) {
    this.work = work;
    this.builder = builder;
    this.onUpper = onUpper;
  }

  /**
   * Moves a directory.
   *
   * @param below whether a layer below has the old name
   */
  int move(RenameEnd from, RenameEnd to, boolean below) throws ErrnoException {
    FdDirectory directory = from.inode.upperDirectory();
    ErrnoException.check(directory.acquire());
    try {
      int late =
          switch (makeReplaceable(to)) {
            case 0 -> onUpper.move(from, to, below);
            case Mode.S_IFDIR -> replaceDirectory(from, to, below);
            default -> exchangeWithWhiteout(from, to, below);
          };
      directory.moveTo(to.upper(), to.name);
      return late;
    } finally {
      directory.release();
    }
  }

  /**
   * Returns the type of the object at the new name, 0 if there is none. The object is a directory
   * or a whiteout of this upper's kind, since a whiteout of another kind is replaced by one of this
   * kind.
   */
  private int makeReplaceable(RenameEnd to) throws ErrnoException {
    int type = to.typeOnUpper();
    int ours = work.format().whiteoutType();
    if (type == 0 || type == Mode.S_IFDIR || type == ours) {
      return type;
    }
    work.putWhiteout(to.upper(), to.fd(), to.name, false);
    return ours;
  }

  /**
   * Replaces a directory that users see as empty. rename(2) requires that it really is empty, but
   * without its whiteouts it would show what they hide.
   */
  private int replaceDirectory(RenameEnd from, RenameEnd to, boolean below) throws ErrnoException {
    if (!MergedListing.holdsMarks(to.inode.upperDirectory())) {
      return onUpper.move(from, to, below);
    }
    return work.features().exchanges()
        ? replaceByExchange(from, to, below)
        : replaceAfterRemoval(from, to, below);
  }

  /**
   * Exchanges the directory with an empty opaque one before it is replaced, as kernel overlayfs
   * does (ovl_clear_empty).
   */
  private int replaceByExchange(RenameEnd from, RenameEnd to, boolean below) throws ErrnoException {
    int fd = work.fd();
    byte[] empty = builder.directory(to.inode.place());
    try {
      ErrnoException.check(work.format().markOpaque(fd, empty));
      int flags = Linux.RENAME_EXCHANGE;
      ErrnoException.check(OwnerPermission.rename(fd, empty, to.fd(), to.name, flags));
      try {
        return onUpper.move(from, to, below);
      } catch (ErrnoException e) {
        ErrnoException.check(OwnerPermission.rename(fd, empty, to.fd(), to.name, flags));
        throw e;
      }
    } finally {
      // This is the replaced directory with its marks; after a failure it is the empty one.
      work.discardEmptied(empty);
    }
  }

  /**
   * Moves the directory away before it is replaced. A whiteout beside its name hides what is below
   * as long as nothing has the name. After a crash in between, neither the empty directory nor the
   * new one is at the name; the new one still has its old name.
   */
  private int replaceAfterRemoval(RenameEnd from, RenameEnd to, boolean below)
      throws ErrnoException {
    byte[] old = work.newName();
    boolean wasHidden = Whiteouts.isHiddenByPrefix(to.upper(), to.name);
    ErrnoException.check(work.makeWhiteout(to.upper(), to.fd(), to.name));
    boolean isRemoved = false;
    try {
      ErrnoException.check(OwnerPermission.rename(to.fd(), to.name, work.fd(), old, 0));
      isRemoved = true;
      int late = onUpper.move(from, to, below);
      work.discardEmptied(old);
      return late;
    } catch (ErrnoException e) {
      if (isRemoved) {
        ErrnoException.check(OwnerPermission.rename(work.fd(), old, to.fd(), to.name, 0));
      }
      if (!wasHidden) {
        Linux.unlinkat(to.fd(), Whiteouts.prefixed(to.name), 0);
      }
      throw e;
    }
  }

  /** Exchanges a directory with the whiteout at its new name, which rename(2) does not replace. */
  private int exchangeWithWhiteout(RenameEnd from, RenameEnd to, boolean below)
      throws ErrnoException {
    if (below) {
      ErrnoException.check(work.format().allowWhiteouts(from.upper(), from.fd()));
    }
    int flags = Linux.RENAME_EXCHANGE;
    ErrnoException.check(from.renameTo(to, flags));
    int result = below ? 0 : Linux.unlinkat(from.fd(), from.name, 0);
    if (result < 0 && from.renameTo(to, flags) == 0) {
      throw ErrnoException.of(-result);
    }
    return result;
  }
}
