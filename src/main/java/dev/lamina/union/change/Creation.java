package dev.lamina.union.change;

import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.RequestContext;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Opaque;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.inode.AbsentXattrs;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeNumbers;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Lookup;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.WorkDirectory;

/**
 * Creates files, directories, symbolic links and special files.
 *
 * <p>If the name is free on the upper, the object is made there in one system call as the caller's
 * user, so that its owner, the inheritance of setgid directories and default ACLs are those of the
 * upper's file system. If a whiteout has the name, {@link StagedCreation} makes the object.
 */
public final class Creation {
  private final Merge merge;
  private final InodeTable table;
  private final InodeNumbers numbers;
  private final Protection protection;
  private final CopyUp copyUp;
  private final WorkDirectory work;
  private final StagedCreation staged;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  /**
   * @param work null on a read-only mount
   */
  public Creation(
      Merge merge,
      InodeTable table,
      InodeNumbers numbers,
      Protection protection,
      CopyUp copyUp,
      WorkDirectory work) {
    this.merge = merge;
    this.table = table;
    this.numbers = numbers;
    this.protection = protection;
    this.copyUp = copyUp;
    this.work = work;
    staged = new StagedCreation(work);
  }

  /**
   * Sets the notifier that tells the kernel that an object exists although its creation has failed.
   */
  public void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Creates an object.
   *
   * @param mode the type and the permission bits, to which the umask has not been applied
   * @param stat receives the attributes of the new object
   * @throws ErrnoException EEXIST, EROFS, EINVAL for a name that layers reserve for whiteouts, or
   *     the error of making the object; nothing has changed then
   */
  CreatedObject create(
      RequestContext context, Inode parent, byte[] name, int mode, ObjectMaker maker, Stat stat)
      throws ErrnoException {
    Lookup.checkNewName(name);
    protection.checkAddition(parent);
    copyUp.directory(parent);
    synchronized (parent) {
      Obstacle.checkExists(parent);
      FdDirectory upper = parent.upperDirectory();
      int dirfd = ErrnoException.check(upper.acquire());
      try {
        int masked = mode & ~DefaultAcl.umask(parent, context.umask);
        // If no layer below can have the name, the upper itself tells whether it is free.
        int value =
            parent.isMerged()
                ? -Errno.EEXIST
                : Credentials.as(context, () -> maker.make(dirfd, name, masked));
        boolean isStaged = false;
        Obstacle obstacle = Obstacle.NONE;
        if (value == -Errno.EEXIST) {
          obstacle = Obstacle.find(merge, parent, name, stat);
          boolean isInTheWay = obstacle == Obstacle.WHITEOUT && Mode.isDirectory(mode);
          if (isInTheWay && !work.format().hidesInPlace()) {
            // A directory cannot be exchanged with this whiteout, which is not of this upper's
            // kind.
            work.putWhiteout(upper, dirfd, name, false);
            obstacle = Obstacle.WHITEOUT_BESIDE;
          }
          isStaged = StagedCreation.isNeeded(obstacle, mode);
          value =
              isStaged
                  ? staged.make(context, upper, dirfd, name, masked, maker, obstacle)
                  : Credentials.as(context, () -> maker.make(dirfd, name, masked));
        }
        ErrnoException.check(value);
        try {
          AfterChange.read(() -> ErrnoException.check(Linux.statx(dirfd, name, stat)));
        } catch (ErrnoException e) {
          StagedCreation.closeMade(mode, value);
          undo(parent, dirfd, name, mode, isStaged);
          throw e;
        }
        // Not earlier, when something could still fail: what the whiteout hides would appear again.
        obstacle.removeBeside(dirfd, name);
        return new CreatedObject(publish(parent, upper, name, isStaged, stat), value);
      } finally {
        upper.release();
      }
    }
  }

  /**
   * Removes an object that nobody has seen yet. One that has replaced a whiteout is kept instead,
   * and can be found by its name.
   */
  private void undo(Inode parent, int dirfd, byte[] name, int mode, boolean isStaged) {
    if (isStaged) {
      notifier.nameChanged(parent.nodeid, name, () -> {});
    } else {
      Linux.unlinkat(dirfd, name, Mode.isDirectory(mode) ? Linux.AT_REMOVEDIR : 0);
    }
    parent.countChange();
  }

  /** Adds the new object to the table, with one lookup. */
  private Inode publish(Inode parent, FdDirectory upper, byte[] name, boolean opaque, Stat stat) {
    long nodeid = table.newNodeid();
    Inode inode;
    if (stat.isDirectory()) {
      FdDirectory directory = upper.child(name);
      Whiteouts.startsEmpty(directory);
      if (opaque) {
        Opaque.wasMadeOpaque(directory);
      }
      inode = Inode.directory(nodeid, new LayerDirectory[] {directory});
    } else {
      inode = Inode.upper(nodeid, stat.type());
      AbsentXattrs.ofNew(inode);
    }
    inode.number = numbers.number(stat.dev, stat.ino);
    table.addNew(inode, parent, name);
    parent.countChange();
    return inode;
  }
}
