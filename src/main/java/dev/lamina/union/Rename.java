package dev.lamina.union;

import dev.lamina.fuse.FuseException;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Opaque;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
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
  private final Removal removal;

  Rename(Union union, Lookup lookup, CopyUp copyUp, Removal removal) {
    this.union = union;
    this.lookup = lookup;
    this.copyUp = copyUp;
    this.removal = removal;
  }

  /** One end of a rename: a name in a directory, and the inode it leads to, if any. */
  private record End(Inode directory, byte[] name, Inode inode) {
    FdDirectory upper() {
      return directory.upperDirectory();
    }

    boolean isCurrent(InodeTable table) {
      Dentry dentry = table.dentry(directory, name);
      return inode == null ? dentry == null : dentry != null && dentry.inode == inode;
    }
  }

  /**
   * renameat2(2), with no flag or RENAME_NOREPLACE.
   *
   * @throws FuseException EINVAL for any other flag, EXDEV for a directory with lower contents, and
   *     the errors of rename(2)
   */
  void rename(Inode oldParent, byte[] oldName, Inode newParent, byte[] newName, int flags)
      throws FuseException {
    if ((flags & ~Linux.RENAME_NOREPLACE) != 0) {
      throw FuseException.of(Errno.EINVAL);
    }
    Creation.checkName(newName);
    boolean done = false;
    while (!done) {
      done = attempt(oldParent, oldName, newParent, newName, flags);
    }
  }

  private boolean attempt(
      Inode oldParent, byte[] oldName, Inode newParent, byte[] newName, int flags)
      throws FuseException {
    Stat stat = new Stat();
    Inode source = lookup.find(oldParent, oldName, stat);
    if (source == null) {
      throw FuseException.of(Errno.ENOENT);
    }
    Inode target = null;
    try {
      target = lookup.find(newParent, newName, stat);
      checkTypes(source, target, flags);
      if (source == target) {
        return true;
      }
      if (source.isDirectory() && (!source.isUpper() || source.isMerged())) {
        throw FuseException.of(Errno.EXDEV);
      }
      copyUp.copyUp(source, CopyUp.ALL);
      copyUp.directory(oldParent);
      copyUp.directory(newParent);
      End from = new End(oldParent, oldName, source);
      End to = new End(newParent, newName, target);
      return Locks.holdAll(() -> move(from, to), oldParent, newParent, source, target);
    } finally {
      union.table().forget(source, 1);
      if (target != null) {
        union.table().forget(target, 1);
      }
    }
  }

  private static void checkTypes(Inode source, Inode target, int flags) throws FuseException {
    if (target == null) {
      return;
    }
    if ((flags & Linux.RENAME_NOREPLACE) != 0) {
      throw FuseException.of(Errno.EEXIST);
    }
    if (source.isDirectory() != target.isDirectory()) {
      throw FuseException.of(source.isDirectory() ? Errno.ENOTDIR : Errno.EISDIR);
    }
  }

  /** False when a name leads elsewhere by now. */
  private boolean move(End from, End to) throws FuseException {
    if (!from.isCurrent(union.table()) || !to.isCurrent(union.table())) {
      return false;
    }
    if (to.directory.removed) {
      throw FuseException.of(Errno.ENOENT);
    }
    boolean replacesDirectory = to.inode != null && to.inode.isDirectory();
    if (replacesDirectory && !DirectorySnapshot.isEmpty(to.inode)) {
      throw FuseException.of(Errno.ENOTEMPTY);
    }
    int fromFd = FuseException.check(from.upper().acquire());
    try {
      int toFd = FuseException.check(to.upper().acquire());
      try {
        moveOnUpper(from, fromFd, to, toFd);
        return true;
      } finally {
        to.upper().release();
      }
    } finally {
      from.upper().release();
    }
  }

  private void moveOnUpper(End from, int fromFd, End to, int toFd) throws FuseException {
    Stat stat = new Stat();
    boolean below = union.merge().isBelow(from.directory.contributors(), from.name, stat);
    Dentry source = union.table().dentry(from.directory, from.name);
    Dentry target = to.inode == null ? null : union.table().dentry(to.directory, to.name);
    try (Removal.Keeper keeper = new Removal.Keeper(target, toFd)) {
      if (from.inode.isDirectory()) {
        moveDirectory(from, fromFd, to, toFd, below);
      } else {
        moveFile(from, fromFd, to, toFd, below);
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
  }

  private void moveFile(End from, int fromFd, End to, int toFd, boolean below)
      throws FuseException {
    if (union.marks().isImpure(from.directory)) {
      FuseException.check(union.marks().makeImpure(to.directory));
    }
    renameOnUpper(from, fromFd, to, toFd, below);
    removePrefixed(to, toFd);
  }

  private void renameOnUpper(End from, int fromFd, End to, int toFd, boolean below)
      throws FuseException {
    boolean devices = union.format().hasDeviceWhiteouts();
    if (below && !devices) {
      FuseException.check(union.format().makeWhiteout(from.upper(), fromFd, from.name));
    }
    int flags = below && devices ? Linux.RENAME_WHITEOUT : 0;
    int result = Linux.renameat2(fromFd, from.name, toFd, to.name, flags);
    if (result == -Errno.EINVAL && flags != 0) {
      renameInTwoSteps(from, fromFd, to, toFd);
    } else {
      FuseException.check(result);
    }
  }

  /**
   * Where the file system has no RENAME_WHITEOUT: a crash in between shows the old name once more.
   */
  private void renameInTwoSteps(End from, int fromFd, End to, int toFd) throws FuseException {
    int work = union.work().fd();
    byte[] whiteout = union.work().newName();
    FuseException.check(union.format().makeWhiteout(union.work().directory(), work, whiteout));
    int result = Linux.renameat2(fromFd, from.name, toFd, to.name, 0);
    if (result == 0) {
      result = Linux.renameat2(work, whiteout, fromFd, from.name, 0);
    }
    if (result < 0) {
      union.work().discard(whiteout);
    }
    FuseException.check(result);
  }

  private void moveDirectory(End from, int fromFd, End to, int toFd, boolean below)
      throws FuseException {
    FdDirectory directory = from.inode.upperDirectory();
    FuseException.check(directory.acquire());
    try {
      if (to.directory.isMerged() && !Opaque.isOpaque(directory)) {
        // What a layer below has under the new name must not show through.
        FuseException.check(union.format().markOpaque(fromFd, from.name));
        Opaque.wasMadeOpaque(directory);
      }
      Stat stat = new Stat();
      if (Linux.statx(toFd, to.name, stat) == 0) {
        exchange(from, fromFd, to, toFd, below, stat.isDirectory());
      } else {
        renameOnUpper(from, fromFd, to, toFd, below);
      }
      removePrefixed(to, toFd);
      directory.moveTo(to.upper(), to.name);
    } finally {
      directory.release();
    }
  }

  /**
   * Swaps a directory with the whiteout or emptied directory in its new place, because rename(2)
   * replaces neither; then turns what came into the old place into what belongs there.
   */
  private void exchange(
      End from, int fromFd, End to, int toFd, boolean below, boolean directoryThere)
      throws FuseException {
    FuseException.check(Linux.renameat2(fromFd, from.name, toFd, to.name, Linux.RENAME_EXCHANGE));
    try {
      if (below && directoryThere) {
        removal.replaceByWhiteout(from.upper(), fromFd, from.name, true);
      } else if (!below) {
        union.work().remove(fromFd, from.name);
      }
    } catch (FuseException e) {
      // All or nothing: back to where both were.
      Linux.renameat2(fromFd, from.name, toFd, to.name, Linux.RENAME_EXCHANGE);
      throw e;
    }
  }

  private void removePrefixed(End to, int toFd) {
    if (Whiteouts.isHiddenByPrefix(to.upper(), to.name)) {
      // It hides nothing that the object now there does not hide as well.
      Linux.unlinkat(toFd, Whiteouts.prefixed(to.name), 0);
    }
  }
}
