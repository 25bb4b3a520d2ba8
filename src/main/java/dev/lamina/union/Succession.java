package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * What happens when a file is to change of which the kernel reads the lower copy by itself. It can
 * have only one backing file per inode, so the upper copy needs an inode of its own: the names are
 * forgotten, the caller gets ESTALE, and the kernel looks the name up again (once, by itself) and
 * finds the successor. Open files and mappings keep the old inode and its data.
 */
final class Succession {
  private final Union union;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  Succession(Union union) {
    this.union = union;
  }

  /** Whom to tell that names lead to a successor. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Called once an inode lies on the upper with its data, before that changes.
   *
   * @throws ErrnoException ESTALE where the inode has a successor
   */
  void check(Inode inode) throws ErrnoException {
    if (inode.hasSuccessor) {
      // Through this one, the kernel would not know what it has cached of the successor.
      throw ErrnoException.of(Errno.ESTALE);
    }
    boolean done = false;
    while (!done) {
      List<Inode> concerned = new ArrayList<>();
      Dentry names;
      synchronized (inode) {
        if (inode.lowerBackings == 0) {
          return;
        }
        names = inode.anyName();
        for (Dentry at = names; at != null; at = at.nextOfInode) {
          concerned.add(at.parent);
        }
      }
      if (names == null) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      concerned.add(inode);
      List<Dentry> retired = new ArrayList<>();
      done =
          Locks.holdAll(() -> retire(inode, concerned, retired), concerned.toArray(Inode[]::new));
      if (inode.hasSuccessor) {
        notifier.attributesChanged(inode.nodeid, inode.number);
      }
      // The kernel looks up again the one name that it was asked for, and only that.
      retired.forEach(name -> notifier.nameChanged(name.parent.nodeid, name.name));
    }
    throw ErrnoException.of(Errno.ESTALE);
  }

  /**
   * Called before an inode is opened. The kernel may still take one of its names for it, until it
   * is told of that name: asked to look again, it finds the successor. Who comes back has no name
   * to look at, but an open file of it (/proc/PID/fd), and gets what that shows.
   *
   * @throws ErrnoException ESTALE for who comes the first time
   */
  static void checkName(Inode inode, int caller) throws ErrnoException {
    if (inode.hasSuccessor) {
      synchronized (inode) {
        if (inode.turnedAway == null) {
          inode.turnedAway = new HashSet<>();
        }
        if (!inode.turnedAway.remove(caller)) {
          inode.turnedAway.add(caller);
          throw ErrnoException.of(Errno.ESTALE);
        }
      }
    }
  }

  /** False when the inode got or lost a name meanwhile. */
  private boolean retire(Inode inode, List<Inode> concerned, List<Dentry> retired)
      throws ErrnoException {
    Dentry name = inode.anyName();
    for (Dentry at = name; at != null; at = at.nextOfInode) {
      if (!concerned.contains(at.parent)) {
        return false;
      }
    }
    if (name == null) {
      return true;
    }
    FdDirectory directory = name.parent.upperDirectory();
    int dirfd = ErrnoException.check(directory.acquire());
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
      int fd = ErrnoException.check(Linux.openat(dirfd, name.name, flags, 0));
      inode.detach(directory.detached(fd));
    } finally {
      directory.release();
    }
    for (Dentry at = name; at != null; at = at.nextOfInode) {
      retired.add(at);
    }
    inode.hasSuccessor = true;
    union.table().forgetNames(inode);
    return true;
  }
}
