package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What happens when a file is to change of which the kernel reads the lower copy by itself.
 *
 * <p>As long as such a file is open, the kernel takes no other answer to an OPEN of the inode than
 * that same backing file, opened with the caller's flags (fuse_file_io_open of fs/fuse/iomode.c),
 * and a lower file is never opened for writing. So its names get an inode of their own, the
 * <em>successor</em>, which is the upper copy: the caller gets ESTALE, and the kernel walks the
 * path again by itself (once) and finds the successor. Open files and mappings keep the old inode
 * and its data.
 *
 * <p>Both inodes show one object. While there are both, neither's attributes have a lifetime in the
 * kernel, and what is opened is read and written through the daemon ({@link
 * dev.lamina.fuse.OpenReply#direct}): what is changed by way of one, the other shows.
 *
 * <p>An inode without names is opened by way of a descriptor of it (/proc/PID/fd, O_PATH). That
 * cannot lead to the successor; it is opened itself, also for writing once the lower file is
 * closed.
 */
final class Succession {
  /**
   * How long to wait for the kernel, in milliseconds. To forget a name takes it microseconds, but
   * it waits for a lock that a request may hold which waits for a worker.
   */
  private static final long PATIENCE = 200;

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
   * Called before an inode is opened. As long as the kernel may still take one of its names for it,
   * whoever comes is sent to look again.
   *
   * @return whether the inode has a successor, which the caller does not look for
   * @throws ErrnoException ESTALE for who may have come by a name
   */
  boolean checkNames(Inode inode) throws ErrnoException {
    if (inode.successor == null) {
      return false;
    }
    synchronized (inode) {
      if (inode.staleNames > 0) {
        awaitNames(inode);
        throw ErrnoException.of(Errno.ESTALE);
      }
    }
    return true;
  }

  /**
   * Called before an inode that lies on the upper is opened for writing.
   *
   * @param hadSuccessor what {@link #checkNames} said
   * @throws ErrnoException ESTALE where the name leads to a successor; ETXTBSY where the inode has
   *     no name and the kernel reads the lower file
   */
  void beforeWriting(Inode inode, boolean hadSuccessor) throws ErrnoException {
    if (isUnread(inode) && (hadSuccessor || inode.successor == null)) {
      return;
    }
    retire(inode);
    synchronized (inode) {
      if (inode.successor != null && !hadSuccessor) {
        awaitNames(inode);
        throw ErrnoException.of(Errno.ESTALE);
      }
      // Who has just closed it has sent RELEASE, which may be under way.
      await(inode, () -> inode.lowerBackings == 0);
      if (inode.lowerBackings > 0) {
        throw ErrnoException.of(Errno.ETXTBSY);
      }
    }
  }

  /** Called before an inode that lies on the upper changes without being opened. */
  void beforeChange(Inode inode) throws ErrnoException {
    if (!isUnread(inode) && retire(inode)) {
      synchronized (inode) {
        awaitNames(inode);
      }
    }
  }

  /** Nobody has it open whom the kernel lets read the lower file. */
  private static boolean isUnread(Inode inode) {
    synchronized (inode) {
      return inode.lowerBackings == 0;
    }
  }

  private static void awaitNames(Inode inode) {
    await(inode, () -> inode.staleNames == 0);
  }

  /** Under the monitor, which is given up meanwhile. */
  private static void await(Inode inode, BooleanSupplier condition) {
    long deadline = 0;
    while (!condition.getAsBoolean()) {
      long now = System.nanoTime() / 1_000_000;
      deadline = deadline == 0 ? now + PATIENCE : deadline;
      if (now >= deadline) {
        return;
      }
      long left = deadline - now;
      if (ServiceThreads.block(() -> await(inode, left)) < 0) {
        return;
      }
    }
  }

  /** 0, or the negative errno where the thread is to end. */
  private static int await(Inode inode, long millis) {
    try {
      inode.wait(millis);
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    }
  }

  /** Gives an inode's names to a successor where the kernel reads the lower file; false if not. */
  private boolean retire(Inode inode) throws ErrnoException {
    List<Dentry> retired = new ArrayList<>();
    boolean done = false;
    while (!done) {
      List<Inode> concerned = new ArrayList<>();
      synchronized (inode) {
        if (inode.lowerBackings == 0 || inode.anyName() == null) {
          return false;
        }
        for (Dentry at = inode.anyName(); at != null; at = at.nextOfInode) {
          concerned.add(at.parent);
        }
      }
      concerned.add(inode);
      done =
          Locks.holdAll(() -> retire(inode, concerned, retired), concerned.toArray(Inode[]::new));
    }
    if (retired.isEmpty()) {
      return false;
    }
    notifier.attributesChanged(inode.nodeid, inode.number);
    // The kernel looks up again the one name that it was asked for, and only that.
    for (Dentry name : retired) {
      notifier.nameChanged(name.parent.nodeid, name.name, () -> forgotten(inode));
    }
    return true;
  }

  private static void forgotten(Inode inode) {
    synchronized (inode) {
      inode.staleNames--;
      inode.notifyAll();
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
    inode.staleNames = retired.size();
    union.table().succeed(inode);
    return true;
  }
}
