package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.RequestContext;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Opaque;
import dev.lamina.layer.Place;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;

/**
 * Makes new names: files, directories, links of both kinds, special files.
 *
 * <p>Where the name is free in the upper, the object is made there in one system call, as the
 * caller's user, so that owner, setgid inheritance and default ACLs come from the upper's file
 * system. Where a whiteout stands, it is made in the work directory and takes the whiteout's place.
 */
final class Creation {
  /** Makes one object by (directory descriptor, name): a value (a descriptor, say) or −errno. */
  @FunctionalInterface
  interface Maker {
    int make(int dirfd, byte[] name, int mode);
  }

  /** What the upper has where a new name is to be. */
  private enum Obstacle {
    NONE,
    /** An object of that name that is a whiteout. */
    WHITEOUT,
    /** A file {@code .wh.NAME}. */
    WHITEOUT_BESIDE
  }

  private static final byte[] DOT = {'.'};

  private final Union union;
  private final CopyUp copyUp;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  Creation(Union union, CopyUp copyUp) {
    this.union = union;
    this.copyUp = copyUp;
  }

  /** Whom to tell that there is an object although making it has failed. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * What was made.
   *
   * @param inode with one lookup counted
   * @param value what the maker returned
   */
  record Made(Inode inode, int value) {}

  /**
   * Makes an object.
   *
   * @param mode type and permission bits, the umask not yet applied
   * @param stat gets the new object's attributes
   * @throws ErrnoException EEXIST, EROFS, EINVAL for a name that layers reserve for whiteouts, or
   *     what making it failed with; then nothing has changed
   */
  Made make(RequestContext context, Inode parent, byte[] name, int mode, Maker maker, Stat stat)
      throws ErrnoException {
    checkName(name);
    union.protection().checkAddition(parent);
    copyUp.directory(parent);
    synchronized (parent) {
      checkExists(parent);
      FdDirectory upper = parent.upperDirectory();
      int dirfd = ErrnoException.check(upper.acquire());
      try {
        int masked = mode & ~(hasDefaultAcl(parent) ? 0 : context.umask);
        // With nothing below that may have the name, the upper itself says whether it is free.
        int value =
            parent.isMerged()
                ? -Errno.EEXIST
                : Credentials.as(context, () -> maker.make(dirfd, name, masked));
        boolean staged = false;
        Obstacle obstacle = Obstacle.NONE;
        if (value == -Errno.EEXIST) {
          obstacle = checkFree(parent, name, stat);
          boolean isInTheWay = obstacle == Obstacle.WHITEOUT && Mode.isDirectory(mode);
          if (isInTheWay && !union.format().hidesInPlace()) {
            // Another kind than this upper's, which a directory cannot change places with.
            union.work().putWhiteout(union.format(), upper, dirfd, name, false);
            obstacle = Obstacle.WHITEOUT_BESIDE;
          }
          staged = needsStaging(obstacle, mode);
          value =
              staged
                  ? makeOverWhiteout(context, parent, dirfd, name, masked, maker, obstacle)
                  : Credentials.as(context, () -> maker.make(dirfd, name, masked));
        }
        ErrnoException.check(value);
        try {
          AfterChange.read(() -> ErrnoException.check(Linux.statx(dirfd, name, stat)));
        } catch (ErrnoException e) {
          closeMade(mode, value);
          undo(parent, dirfd, name, mode, staged);
          throw e;
        }
        // Not before nothing can fail any more: what it hides would show again.
        removePrefixed(obstacle, dirfd, name);
        return new Made(publish(parent, upper, name, staged, stat), value);
      } finally {
        upper.release();
      }
    }
  }

  /** Nobody has seen it yet. What has taken the place of a whiteout stays, and can be found. */
  private void undo(Inode parent, int dirfd, byte[] name, int mode, boolean staged) {
    if (staged) {
      notifier.nameChanged(parent.nodeid, name, () -> {});
    } else {
      Linux.unlinkat(dirfd, name, Mode.isDirectory(mode) ? Linux.AT_REMOVEDIR : 0);
    }
    parent.version++;
  }

  /**
   * Gives a file one more name.
   *
   * @return the inode that has it: the given one, or its successor
   * @throws ErrnoException EPERM for a directory, ENOENT for a file that has no name left
   */
  Inode link(Inode file, Inode parent, byte[] name) throws ErrnoException {
    checkName(name);
    Inode linked = null;
    while (linked == null) {
      Inode inode = file.named();
      linked = tryLink(inode, parent, name) ? inode : null;
    }
    return linked;
  }

  /** False when the inode has got a successor meanwhile. */
  private boolean tryLink(Inode inode, Inode parent, byte[] name) throws ErrnoException {
    if (inode.isDirectory()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    union.protection().checkChange(inode);
    union.protection().checkAddition(parent);
    copyUp.copyUp(inode);
    copyUp.directory(parent);
    return Locks.hold(
        inode,
        parent,
        () -> {
          if (inode.named() != inode) {
            return false;
          }
          Stat stat = new Stat();
          Obstacle obstacle = checkFree(parent, name, stat);
          if (inode.anyName() == null && !inode.isDetached()) {
            throw ErrnoException.of(Errno.ENOENT);
          }
          linkUnderLocks(inode, parent, name, obstacle, stat);
          return true;
        });
  }

  private void linkUnderLocks(Inode inode, Inode parent, byte[] name, Obstacle obstacle, Stat stat)
      throws ErrnoException {
    Dentry known = inode.anyName();
    Place source = inode.place();
    FdDirectory from = (FdDirectory) source.directory();
    FdDirectory to = parent.upperDirectory();
    int fromFd = ErrnoException.check(from.acquire());
    try {
      int toFd = ErrnoException.check(to.acquire());
      try {
        ErrnoException.check(Linux.statx(fromFd, source.name(), stat));
        if (known != null && union.marks().isImpure(known.parent)) {
          ErrnoException.check(union.marks().makeImpure(parent));
        }
        if (obstacle == Obstacle.WHITEOUT) {
          linkOverWhiteout(fromFd, source.name(), toFd, name);
        } else {
          ErrnoException.check(link(fromFd, source.name(), toFd, name));
          removePrefixed(obstacle, toFd, name);
        }
        if (!inode.shared) {
          union.table().share(inode, stat.ino);
        }
        union.table().addName(parent, name, inode);
        parent.version++;
      } finally {
        to.release();
      }
    } finally {
      from.release();
    }
    if (known == null) {
      inode.attach();
    }
  }

  /**
   * An object without a name is reached by its descriptor. Only one made with O_TMPFILE can be
   * linked; the upper's file system knows which (ENOENT for any other).
   */
  private static int link(int fromFd, byte[] source, int toFd, byte[] name) {
    return source.length == 0
        ? Linux.linkDescriptor(fromFd, toFd, name)
        : Linux.linkat(fromFd, source, toFd, name);
  }

  /**
   * Makes and opens a regular file that has no name, in a directory (O_TMPFILE of open(2)).
   *
   * @return the inode, and its open descriptor, which is the caller's
   */
  Made unnamed(RequestContext context, Inode parent, int mode, int flags, Stat stat)
      throws ErrnoException {
    union.protection().checkAddition(parent);
    copyUp.directory(parent);
    synchronized (parent) {
      checkExists(parent);
      FdDirectory upper = parent.upperDirectory();
      int dirfd = ErrnoException.check(upper.acquire());
      try {
        int masked = mode & Mode.PERMISSIONS & ~(hasDefaultAcl(parent) ? 0 : context.umask);
        int openFlags = OpenFiles.upperFlags(flags) & ~OpenFlags.O_TRUNC | OpenFlags.O_TMPFILE;
        int fd =
            ErrnoException.check(
                Credentials.as(context, () -> Linux.openat(dirfd, DOT, openFlags, masked)));
        int object = Linux.fstat(fd, stat);
        if (object == 0) {
          object = Linux.fcntl(fd, Linux.F_DUPFD_CLOEXEC, 0);
        }
        if (object < 0) {
          Linux.close(fd);
          throw ErrnoException.of(-object);
        }
        Inode inode = Inode.upper(union.table().newNodeid(), Mode.S_IFREG);
        inode.number = union.numbers().number(stat.dev, stat.ino);
        inode.removed = true;
        inode.detach(upper.detached(object));
        union.table().addUnnamed(inode);
        return new Made(inode, fd);
      } finally {
        upper.release();
      }
    }
  }

  private void linkOverWhiteout(int fromFd, byte[] oldName, int toFd, byte[] newName)
      throws ErrnoException {
    byte[] temporary = union.work().newName();
    int work = union.work().fd();
    ErrnoException.check(link(fromFd, oldName, work, temporary));
    int result = Linux.renameat2(work, temporary, toFd, newName, 0);
    if (result < 0) {
      union.work().discard(temporary);
      throw ErrnoException.of(-result);
    }
  }

  /** Makes the new object known, with one lookup. */
  private Inode publish(Inode parent, FdDirectory upper, byte[] name, boolean opaque, Stat stat) {
    long nodeid = union.table().newNodeid();
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
    inode.number = union.numbers().number(stat.dev, stat.ino);
    union.table().addNew(inode, parent, name);
    parent.version++;
    return inode;
  }

  private static void checkExists(Inode directory) throws ErrnoException {
    if (directory.removed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  /**
   * Checks that a name is not there.
   *
   * @return what the upper has in its place
   */
  private Obstacle checkFree(Inode parent, byte[] name, Stat stat) throws ErrnoException {
    checkExists(parent);
    LayerDirectory[] directories = parent.contributors();
    int found = union.merge().find(directories, 0, name, stat);
    if (found >= 0) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    if (found == Merge.MISSING) {
      return Obstacle.NONE;
    }
    int result = directories[0].stat(name, stat);
    if (result == 0) {
      return Obstacle.WHITEOUT;
    }
    if (result != -Errno.ENOENT) {
      throw ErrnoException.of(-result);
    }
    boolean beside = Whiteouts.isHiddenByPrefix(directories[0], name);
    return beside ? Obstacle.WHITEOUT_BESIDE : Obstacle.NONE;
  }

  static void checkName(byte[] name) throws ErrnoException {
    if (name.length > Lookup.NAME_MAX) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    if (Whiteouts.isReserved(name)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /**
   * A directory over a whiteout of either kind must be opaque before it shows; any other object
   * must be moved there only where the whiteout has its name.
   */
  private static boolean needsStaging(Obstacle obstacle, int mode) {
    return obstacle == Obstacle.WHITEOUT
        || obstacle == Obstacle.WHITEOUT_BESIDE && Mode.isDirectory(mode);
  }

  private int makeOverWhiteout(
      RequestContext context,
      Inode parent,
      int dirfd,
      byte[] name,
      int mode,
      Maker maker,
      Obstacle obstacle)
      throws ErrnoException {
    byte[] stage = stageLike(parent);
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
      int stageFd = ErrnoException.check(Linux.openat(union.work().fd(), stage, flags, 0));
      try {
        int value =
            ErrnoException.check(Credentials.as(context, () -> maker.make(stageFd, name, mode)));
        try {
          finishStaged(stageFd, dirfd, name, mode, obstacle);
        } catch (ErrnoException e) {
          closeMade(mode, value);
          throw e;
        }
        return value;
      } finally {
        Linux.close(stageFd);
      }
    } finally {
      union.work().discard(stage);
    }
  }

  /** What a maker of a regular file returns is its descriptor, or 0 from mknod(2). */
  private static void closeMade(int mode, int value) {
    if (Mode.isRegular(mode) && value > 0) {
      Linux.close(value);
    }
  }

  private void finishStaged(int stageFd, int dirfd, byte[] name, int mode, Obstacle obstacle)
      throws ErrnoException {
    boolean directory = Mode.isDirectory(mode);
    if (directory) {
      ErrnoException.check(union.format().markOpaque(stageFd, name));
    }
    // A directory cannot replace a whiteout, which is none, but swap places with it.
    boolean swap = directory && obstacle == Obstacle.WHITEOUT;
    int flags = swap ? Linux.RENAME_EXCHANGE : 0;
    ErrnoException.check(Linux.renameat2(stageFd, name, dirfd, name, flags));
  }

  /**
   * A directory in the work directory from which new objects inherit what they would inherit from
   * {@code parent}: group and default ACL.
   */
  private byte[] stageLike(Inode parent) throws ErrnoException {
    int work = union.work().fd();
    byte[] stage = union.work().newName();
    FdDirectory upper = parent.upperDirectory();
    Stat stat = new Stat();
    ErrnoException.check(upper.stat(Linux.EMPTY, stat));
    ErrnoException.check(Linux.mkdirat(work, stage, 0700));
    try {
      // The caller's user makes the object, with the daemon's capabilities.
      ErrnoException.check(Linux.fchownat(work, stage, stat.uid, stat.gid));
      ErrnoException.check(Linux.fchmodat(work, stage, stat.mode & Mode.PERMISSIONS));
      ErrnoException.check(
          XattrPolicy.copy(upper, Linux.EMPTY, XattrPolicy.DEFAULT_ACL, work, stage));
      return stage;
    } catch (ErrnoException e) {
      union.work().discard(stage);
      throw e;
    }
  }

  /** Where a default ACL rules, the umask does not count (acl(5)). */
  private static boolean hasDefaultAcl(Inode parent) throws ErrnoException {
    if (DirectoryMemo.DEFAULT_ACL.isKnown(parent)) {
      return DirectoryMemo.DEFAULT_ACL.isYes(parent);
    }
    FdDirectory upper = parent.upperDirectory();
    int length = upper.getxattr(Linux.EMPTY, XattrPolicy.DEFAULT_ACL, 0, 0);
    boolean isNone = Xattrs.isNone(length);
    boolean seen = !isNone && ErrnoException.check(length) > 0;
    return DirectoryMemo.DEFAULT_ACL.learnWhether(parent, seen);
  }

  /** The whiteout beside a name that is there hides nothing more than the name itself does. */
  private static void removePrefixed(Obstacle obstacle, int dirfd, byte[] name) {
    if (obstacle == Obstacle.WHITEOUT_BESIDE) {
      Linux.unlinkat(dirfd, Whiteouts.prefixed(name), 0);
    }
  }
}
