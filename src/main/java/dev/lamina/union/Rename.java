package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.MergedListing;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * Renames. Everything is on the upper before it moves; a name that a layer below still has leaves a
 * whiteout behind in the same step.
 *
 * <p>A directory with lower contents is not moved (EXDEV, as kernel overlayfs answers without
 * redirects): mv(1) then copies it.
 */
final class Rename {
  private final Union union;
  private final Lookup lookup;
  private final CopyUp copyUp;
  private final MoveMarks relocation;
  private final Exchange exchange;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  Rename(Union union, Lookup lookup, CopyUp copyUp) {
    this.union = union;
    this.lookup = lookup;
    this.copyUp = copyUp;
    relocation = new MoveMarks(union);
    exchange = new Exchange(union, relocation);
  }

  /** Whom to tell that names lead elsewhere although the rename has failed. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /** One end of a rename: a name in a directory, and the inode it leads to, if any. */
  record End(Inode directory, byte[] name, Inode inode) {
    FdDirectory upper() {
      return directory.upperDirectory();
    }

    /** True when the name still leads to the inode, or to none. */
    boolean isCurrent(InodeTable table) {
      Dentry dentry = table.dentry(directory, name);
      return inode == null ? dentry == null : dentry != null && dentry.inode == inode;
    }
  }

  /**
   * renameat2(2), with no flag, RENAME_NOREPLACE or RENAME_EXCHANGE.
   *
   * @throws ErrnoException EINVAL for any other flag, EXDEV for a directory with lower contents,
   *     and the errors of rename(2)
   */
  void rename(Inode oldParent, byte[] oldName, Inode newParent, byte[] newName, int flags)
      throws ErrnoException {
    if (flags != 0 && flags != Linux.RENAME_NOREPLACE && flags != Linux.RENAME_EXCHANGE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    Creation.checkName(newName);
    boolean done = false;
    while (!done) {
      done = attempt(oldParent, oldName, newParent, newName, flags);
    }
  }

  private boolean attempt(
      Inode oldParent, byte[] oldName, Inode newParent, byte[] newName, int flags)
      throws ErrnoException {
    Stat stat = new Stat();
    Inode source = lookup.find(oldParent, oldName, stat);
    if (source == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    Inode target = null;
    try {
      target = lookup.find(newParent, newName, stat);
      boolean exchanges = flags == Linux.RENAME_EXCHANGE;
      if (exchanges && target == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      if (!exchanges) {
        checkTypes(source, target, flags);
      }
      if (source == target) {
        return true;
      }
      checkProtection(oldParent, source, newParent, target);
      checkMovable(source);
      if (exchanges) {
        checkMovable(target);
        copyUp.copyUp(target);
      }
      copyUp.copyUp(source);
      copyUp.directory(oldParent);
      copyUp.directory(newParent);
      End from = new End(oldParent, oldName, source);
      End to = new End(newParent, newName, target);
      int[] late = new int[1];
      if (exchanges) {
        return Locks.holdAll(
            () -> exchange.exchange(from, to), oldParent, newParent, source, target);
      }
      boolean done =
          Locks.holdAll(() -> move(from, to, late), oldParent, newParent, source, target);
      if (late[0] < 0) {
        // The kernel, which is told of a failure, believes that both names lead where they led.
        notifier.nameChanged(oldParent.nodeid, oldName, () -> {});
        notifier.nameChanged(newParent.nodeid, newName, () -> {});
        AfterChange.check(late[0]);
      }
      return done;
    } finally {
      union.table().forget(source, 1);
      if (target != null) {
        union.table().forget(target, 1);
      }
    }
  }

  /** What has a name loses it, unless the name is a new one. */
  private void checkProtection(Inode oldParent, Inode source, Inode newParent, Inode target)
      throws ErrnoException {
    Protection protection = union.protection();
    protection.checkChange(oldParent);
    protection.checkChange(source);
    if (target == null) {
      protection.checkAddition(newParent);
    } else {
      protection.checkChange(newParent);
      protection.checkChange(target);
    }
  }

  private static void checkMovable(Inode inode) throws ErrnoException {
    if (inode.isDirectory() && (!inode.isUpper() || inode.isMerged())) {
      throw ErrnoException.of(Errno.EXDEV);
    }
  }

  private static void checkTypes(Inode source, Inode target, int flags) throws ErrnoException {
    if (target == null) {
      return;
    }
    if ((flags & Linux.RENAME_NOREPLACE) != 0) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    if (source.isDirectory() != target.isDirectory()) {
      throw ErrnoException.of(source.isDirectory() ? Errno.ENOTDIR : Errno.EISDIR);
    }
  }

  /**
   * False when a name leads elsewhere by now.
   *
   * @param late gets the negative errno of what failed after the object had moved
   */
  private boolean move(End from, End to, int[] late) throws ErrnoException {
    if (!from.isCurrent(union.table()) || !to.isCurrent(union.table())) {
      return false;
    }
    if (to.directory.removed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    boolean replacesDirectory = to.inode != null && to.inode.isDirectory();
    if (replacesDirectory && !MergedListing.isEmpty(to.inode.contributors())) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
    int fromFd = ErrnoException.check(from.upper().acquire());
    try {
      int toFd = ErrnoException.check(to.upper().acquire());
      try {
        late[0] = moveOnUpper(from, fromFd, to, toFd);
        return true;
      } finally {
        to.upper().release();
      }
    } finally {
      from.upper().release();
    }
  }

  private int moveOnUpper(End from, int fromFd, End to, int toFd) throws ErrnoException {
    Stat stat = new Stat();
    boolean below = union.merge().isBelow(from.directory.contributors(), from.name, stat);
    Dentry source = union.table().dentry(from.directory, from.name);
    Dentry target = to.inode == null ? null : union.table().dentry(to.directory, to.name);
    // Asked before anything has moved. One that is made on the way is beside the name as well.
    boolean isHiddenBeside =
        to.directory.isMerged() && !union.format().hidesInPlace()
            || Whiteouts.isHiddenByPrefix(to.upper(), to.name);
    int late;
    try (Removal.Keeper keeper = new Removal.Keeper(target, toFd)) {
      relocation.prepare(from, fromFd, to.directory);
      late =
          from.inode.isDirectory()
              ? moveDirectory(from, fromFd, to, toFd, below)
              : renameOnUpper(from, fromFd, to, toFd, below);
      if (isHiddenBeside) {
        // It hides nothing that the object now there does not hide as well, so it may stay.
        Linux.unlinkat(toFd, Whiteouts.prefixed(to.name), 0);
      }
      if (target != null) {
        union.table().removeName(target);
        keeper.commit();
        to.inode.version++;
      }
    }
    // In this order: without any name the inode would count as removed.
    union.table().addName(to.directory, to.name, from.inode);
    union.table().removeName(source);
    from.directory.version++;
    to.directory.version++;
    return late;
  }

  // What moves returns 0, or the negative errno of what failed after the object had moved and
  // could not be taken back; it throws where nothing has changed.

  private int renameOnUpper(End from, int fromFd, End to, int toFd, boolean below)
      throws ErrnoException {
    if (below && union.format().hidesInPlace()) {
      return renameLeavingWhiteout(from, fromFd, to, toFd);
    }
    if (below) {
      // Beside the name, which hides the same for as long as it is there itself.
      ErrnoException.check(
          union.work().makeWhiteout(union.format(), from.upper(), fromFd, from.name));
    }
    ErrnoException.check(OwnerPermission.rename(fromFd, from.name, toFd, to.name, 0));
    return 0;
  }

  private int renameLeavingWhiteout(End from, int fromFd, End to, int toFd) throws ErrnoException {
    if (union.work().abilities().leavesWhiteouts()) {
      int flags = Linux.RENAME_WHITEOUT;
      ErrnoException.check(OwnerPermission.rename(fromFd, from.name, toFd, to.name, flags));
      return 0;
    }
    int work = union.work().fd();
    byte[] whiteout = union.work().newName();
    ErrnoException.check(union.format().allowWhiteouts(from.upper(), fromFd));
    ErrnoException.check(
        union.work().makeWhiteout(union.format(), union.work().directory(), work, whiteout));
    try {
      return renameInTwoSteps(from, fromFd, to, toFd, whiteout);
    } finally {
      union.work().discard(whiteout);
    }
  }

  /**
   * Where the file system has no RENAME_WHITEOUT: a crash in between shows under the old name what
   * a layer below has, or what the rename replaces. That is kept there so that the first step can
   * be taken back.
   */
  private int renameInTwoSteps(End from, int fromFd, End to, int toFd, byte[] whiteout)
      throws ErrnoException {
    int replaced = statOnUpper(to, toFd);
    int swap = replaced == 0 ? 0 : Linux.RENAME_EXCHANGE;
    ErrnoException.check(OwnerPermission.rename(fromFd, from.name, toFd, to.name, swap));
    int work = union.work().fd();
    int flags = replaced == Mode.S_IFDIR ? Linux.RENAME_EXCHANGE : 0;
    int result = OwnerPermission.rename(work, whiteout, fromFd, from.name, flags);
    if (result < 0 && OwnerPermission.rename(toFd, to.name, fromFd, from.name, swap) == 0) {
      throw ErrnoException.of(-result);
    }
    return result;
  }

  private int moveDirectory(End from, int fromFd, End to, int toFd, boolean below)
      throws ErrnoException {
    FdDirectory directory = from.inode.upperDirectory();
    ErrnoException.check(directory.acquire());
    try {
      int late =
          switch (makeRoom(to, toFd)) {
            case 0 -> renameOnUpper(from, fromFd, to, toFd, below);
            case Mode.S_IFDIR -> replaceDirectory(from, fromFd, to, toFd, below);
            default -> swapWithWhiteout(from, fromFd, to, toFd, below);
          };
      directory.moveTo(to.upper(), to.name);
      return late;
    } finally {
      directory.release();
    }
  }

  /**
   * The type of what the upper has in a directory's new place, 0 where that is free: a directory,
   * or a whiteout of this upper's kind, which one of another kind has become.
   */
  private int makeRoom(End to, int toFd) throws ErrnoException {
    int type = statOnUpper(to, toFd);
    int ours = union.format().whiteoutType();
    if (type == 0 || type == Mode.S_IFDIR || type == ours) {
      return type;
    }
    union.work().putWhiteout(union.format(), to.upper(), toFd, to.name, false);
    return ours;
  }

  private static int statOnUpper(End end, int dirfd) throws ErrnoException {
    Stat stat = new Stat();
    int result = Linux.statx(dirfd, end.name, stat);
    if (result == -Errno.ENOENT) {
      return 0;
    }
    ErrnoException.check(result);
    return stat.type();
  }

  /**
   * Replaces a directory that users see as empty. rename(2) wants it empty indeed, but without its
   * whiteouts it would show what they hide.
   */
  private int replaceDirectory(End from, int fromFd, End to, int toFd, boolean below)
      throws ErrnoException {
    if (!MergedListing.holdsMarks(to.inode.upperDirectory())) {
      return renameOnUpper(from, fromFd, to, toFd, below);
    }
    return union.work().abilities().exchanges()
        ? replaceByExchange(from, fromFd, to, toFd, below)
        : replaceAfterRemoval(from, fromFd, to, toFd, below);
  }

  /** An empty opaque directory takes its place first, as in kernel overlayfs (ovl_clear_empty). */
  private int replaceByExchange(End from, int fromFd, End to, int toFd, boolean below)
      throws ErrnoException {
    int work = union.work().fd();
    byte[] empty = copyUp.emptyCopy(to.inode.place());
    try {
      ErrnoException.check(union.format().markOpaque(work, empty));
      int flags = Linux.RENAME_EXCHANGE;
      ErrnoException.check(OwnerPermission.rename(work, empty, toFd, to.name, flags));
      try {
        return renameOnUpper(from, fromFd, to, toFd, below);
      } catch (ErrnoException e) {
        ErrnoException.check(OwnerPermission.rename(work, empty, toFd, to.name, flags));
        throw e;
      }
    } finally {
      // The emptied one, with its marks; after a failure the new one.
      union.work().discardEmptied(empty);
    }
  }

  /**
   * The whiteout beside the name hides what is below while nothing has the name. A crash then shows
   * neither the empty directory nor the new one, which still has its old name.
   */
  private int replaceAfterRemoval(End from, int fromFd, End to, int toFd, boolean below)
      throws ErrnoException {
    int work = union.work().fd();
    byte[] old = union.work().newName();
    boolean wasHidden = Whiteouts.isHiddenByPrefix(to.upper(), to.name);
    ErrnoException.check(union.work().makeWhiteout(union.format(), to.upper(), toFd, to.name));
    boolean isRemoved = false;
    try {
      ErrnoException.check(OwnerPermission.rename(toFd, to.name, work, old, 0));
      isRemoved = true;
      int late = renameOnUpper(from, fromFd, to, toFd, below);
      union.work().discardEmptied(old);
      return late;
    } catch (ErrnoException e) {
      if (isRemoved) {
        ErrnoException.check(OwnerPermission.rename(work, old, toFd, to.name, 0));
      }
      if (!wasHidden) {
        Linux.unlinkat(toFd, Whiteouts.prefixed(to.name), 0);
      }
      throw e;
    }
  }

  /**
   * Swaps a directory with the whiteout in its new place, because rename(2) does not replace it.
   */
  private int swapWithWhiteout(End from, int fromFd, End to, int toFd, boolean below)
      throws ErrnoException {
    if (below) {
      ErrnoException.check(union.format().allowWhiteouts(from.upper(), fromFd));
    }
    int flags = Linux.RENAME_EXCHANGE;
    ErrnoException.check(OwnerPermission.rename(fromFd, from.name, toFd, to.name, flags));
    int result = below ? 0 : Linux.unlinkat(fromFd, from.name, 0);
    if (result < 0 && OwnerPermission.rename(fromFd, from.name, toFd, to.name, flags) == 0) {
      throw ErrnoException.of(-result);
    }
    return result;
  }
}
