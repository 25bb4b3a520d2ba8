package dev.lamina.union.change;

import dev.lamina.fuse.Notifier;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Locks;
import dev.lamina.union.inode.Lookup;
import dev.lamina.union.inode.Protection;

/**
 * Renames. Everything is copied up before it moves. If a layer below has the old name too, a
 * whiteout is left there in the same step.
 *
 * <p>A directory with lower contents is not moved (EXDEV, as kernel overlayfs replies without
 * redirects): mv(1) copies it then.
 */
public final class Rename {
  private final InodeTable table;
  private final Lookup lookup;
  private final Protection protection;
  private final CopyUp copyUp;
  private final Move move;
  private final Exchange exchange;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  public Rename(
      InodeTable table,
      Lookup lookup,
      Protection protection,
      CopyUp copyUp,
      Move move,
      Exchange exchange) {
    this.table = table;
    this.lookup = lookup;
    this.protection = protection;
    this.copyUp = copyUp;
    this.move = move;
    this.exchange = exchange;
  }

  /**
   * Sets the notifier that tells the kernel that names lead elsewhere although the rename has
   * failed.
   */
  public void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Renames an object (renameat2(2)) with no flag, RENAME_NOREPLACE or RENAME_EXCHANGE.
   *
   * @throws ErrnoException EINVAL for any other flag, EXDEV for a directory with lower contents,
   *     and the errors of rename(2)
   */
  public void rename(Inode oldParent, byte[] oldName, Inode newParent, byte[] newName, int flags)
      throws ErrnoException {
    if (flags != 0 && flags != Linux.RENAME_NOREPLACE && flags != Linux.RENAME_EXCHANGE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    Lookup.checkNewName(newName);
    boolean done = false;
    while (!done) {
      done = attempt(oldParent, oldName, newParent, newName, flags);
    }
  }

  /** Returns false if a name leads to another inode by now. */
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
      RenameEnd from = new RenameEnd(oldParent, oldName, source);
      RenameEnd to = new RenameEnd(newParent, newName, target);
      int[] late = new int[1];
      if (exchanges) {
        return Locks.holdAll(
            () -> exchange.exchange(from, to), oldParent, newParent, source, target);
      }
      boolean done =
          Locks.holdAll(() -> move.move(from, to, late), oldParent, newParent, source, target);
      if (late[0] < 0) {
        // The request fails, so the kernel believes that both names lead where they did before.
        notifier.nameChanged(oldParent.nodeid, oldName, () -> {});
        notifier.nameChanged(newParent.nodeid, newName, () -> {});
        AfterChange.check(late[0]);
      }
      return done;
    } finally {
      table.forget(source, 1);
      if (target != null) {
        table.forget(target, 1);
      }
    }
  }

  /** Checks the change of both directories and of the objects; a new name is only an addition. */
  private void checkProtection(Inode oldParent, Inode source, Inode newParent, Inode target)
      throws ErrnoException {
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
}
