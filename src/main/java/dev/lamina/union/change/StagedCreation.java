package dev.lamina.union.change;

import dev.lamina.fuse.RequestContext;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.union.upper.WorkDirectory;
import dev.lamina.union.upper.XattrPolicy;

/**
 * Creates objects in the work directory and moves them into the place of a whiteout in one step.
 *
 * <p>They are made in a directory of their own there, the stage, from which they inherit what they
 * would inherit from the directory that they are meant for: the group and the default ACL.
 */
final class StagedCreation {
  private final WorkDirectory work;

  /**
   * @param work null on a read-only mount, where nothing is created
   */
  StagedCreation(WorkDirectory work) {
    this.work = work;
  }

  /**
   * Returns whether an object must be made here. A directory must be opaque before it is seen in
   * the place of a whiteout of either kind; any other object only has to replace a whiteout that
   * has the name itself.
   */
  static boolean isNeeded(Obstacle obstacle, int mode) {
    return obstacle == Obstacle.WHITEOUT
        || obstacle == Obstacle.WHITEOUT_BESIDE && Mode.isDirectory(mode);
  }

  /**
   * Makes an object and moves it into a directory.
   *
   * @param upper the upper part of the directory
   * @param dirfd its descriptor
   * @return what the maker has returned
   */
  int make(
      RequestContext context,
      FdDirectory upper,
      int dirfd,
      byte[] name,
      int mode,
      ObjectMaker maker,
      Obstacle obstacle)
      throws ErrnoException {
    byte[] stage = stageLike(upper);
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
      int stageFd = ErrnoException.check(Linux.openat(work.fd(), stage, flags, 0));
      try {
        int value =
            ErrnoException.check(Credentials.as(context, () -> maker.make(stageFd, name, mode)));
        try {
          moveFrom(stageFd, dirfd, name, mode, obstacle);
        } catch (ErrnoException e) {
          closeMade(mode, value);
          throw e;
        }
        return value;
      } finally {
        Linux.close(stageFd);
      }
    } finally {
      work.discard(stage);
    }
  }

  /** Closes the descriptor that an {@link ObjectMaker} has returned, if it has returned one. */
  static void closeMade(int mode, int value) {
    if (Mode.isRegular(mode) && value > 0) {
      Linux.close(value);
    }
  }

  private void moveFrom(int stageFd, int dirfd, byte[] name, int mode, Obstacle obstacle)
      throws ErrnoException {
    boolean isDirectory = Mode.isDirectory(mode);
    if (isDirectory) {
      ErrnoException.check(work.format().markOpaque(stageFd, name));
    }
    // A directory cannot replace a whiteout, which is not a directory, but can be exchanged with
    // it.
    boolean exchanges = isDirectory && obstacle == Obstacle.WHITEOUT;
    int flags = exchanges ? Linux.RENAME_EXCHANGE : 0;
    ErrnoException.check(Linux.renameat2(stageFd, name, dirfd, name, flags));
  }

  private byte[] stageLike(FdDirectory upper) throws ErrnoException {
    int fd = work.fd();
    byte[] stage = work.newName();
    Stat stat = new Stat();
    ErrnoException.check(upper.stat(Linux.EMPTY, stat));
    ErrnoException.check(Linux.mkdirat(fd, stage, 0700));
    try {
      // The object is made as the caller's user, but with the daemon's capabilities.
      ErrnoException.check(Linux.fchownat(fd, stage, stat.uid, stat.gid));
      ErrnoException.check(Linux.fchmodat(fd, stage, stat.mode & Mode.PERMISSIONS));
      ErrnoException.check(
          XattrPolicy.copy(upper, Linux.EMPTY, XattrPolicy.DEFAULT_ACL, fd, stage));
      return stage;
    } catch (ErrnoException e) {
      work.discard(stage);
      throw e;
    }
  }
}
