package dev.lamina.union.data;

import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Locks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Replaces an inode by a successor when its file is about to be changed while the kernel reads the
 * lower file by itself (passthrough).
 *
 * <p>As long as such a file is open, the kernel accepts no other reply to an OPEN of the inode than
 * the same backing file, opened with the caller's flags (fuse_file_io_open of fs/fuse/iomode.c),
 * and a lower file is never opened for writing. Therefore the names of the file get a new inode,
 * the <em>successor</em>, which is the upper copy. The caller gets ESTALE, whereupon the kernel
 * walks the path once more and finds the successor. Open files and mappings keep the old inode and
 * its data.
 *
 * <p>Both inodes show one object. As long as both exist, the kernel does not cache the attributes
 * of either, and files opened on them are read and written through the daemon ({@link
 * dev.lamina.fuse.OpenReply#direct}), so that a change of one shows in the other.
 *
 * <p>An inode without names can be opened through a descriptor of it (/proc/PID/fd, O_PATH), which
 * cannot lead to the successor. The inode itself is opened then, for writing too once the lower
 * file is closed.
 */
public final class Succession {
  /**
   * How long to wait for the kernel, in milliseconds. It takes microseconds to forget a name, but
   * may have to wait for a lock that is held by a request which itself waits for a worker.
   */
  private static final long PATIENCE = 200;

  private final InodeTable table;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  public Succession(InodeTable table) {
    this.table = table;
  }

  /** Sets the notifier that tells the kernel that names lead to a successor. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Called before an inode is opened. As long as the kernel may still believe that one of the
   * successor's names leads to the inode, the caller must look the name up again.
   *
   * @return whether the inode has a successor and is meant nevertheless
   * @throws ErrnoException ESTALE if the caller may have come by such a name
   */
  boolean checkNames(Inode inode) throws ErrnoException {
    if (!inode.hasSuccessor()) {
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
   * @param hadSuccessor what {@link #checkNames} has returned
   * @throws ErrnoException ESTALE if the name leads to a successor; ETXTBSY if the inode has no
   *     name and the kernel reads the lower file
   */
  void beforeWriting(Inode inode, boolean hadSuccessor) throws ErrnoException {
    if (isUnread(inode) && (hadSuccessor || !inode.hasSuccessor())) {
      return;
    }
    retire(inode);
    synchronized (inode) {
      if (inode.hasSuccessor() && !hadSuccessor) {
        awaitNames(inode);
        throw ErrnoException.of(Errno.ESTALE);
      }
      // If the lower file was just closed, the RELEASE request may still be under way.
      await(inode, () -> inode.lowerBackings == 0);
      if (inode.lowerBackings > 0) {
        throw ErrnoException.of(Errno.ETXTBSY);
      }
    }
  }

  /** Called before an inode that lies on the upper is changed without being opened. */
  void beforeChange(Inode inode) throws ErrnoException {
    if (!isUnread(inode) && retire(inode)) {
      synchronized (inode) {
        awaitNames(inode);
      }
    }
  }

  /** Returns whether the kernel does not read the lower file for anybody. */
  private static boolean isUnread(Inode inode) {
    synchronized (inode) {
      return inode.lowerBackings == 0;
    }
  }

  private static void awaitNames(Inode inode) {
    await(inode, () -> inode.staleNames == 0);
  }

  /** Waits for a condition; the caller holds the monitor, which is released meanwhile. */
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

  /** Waits to be notified; returns 0, or the negative errno if the thread is to end. */
  private static int await(Inode inode, long millis) {
    try {
      inode.wait(millis);
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    }
  }

  /**
   * Gives an inode's names to a successor if the kernel reads the lower file; returns false if not.
   */
  private boolean retire(Inode inode) throws ErrnoException {
    List<Dentry> retired = new ArrayList<>();
    boolean done = false;
    while (!done) {
      List<Inode> concerned = new ArrayList<>();
      synchronized (inode) {
        if (inode.lowerBackings == 0 || inode.anyName() == null) {
          return false;
        }
        for (Dentry at = inode.anyName(); at != null; at = at.next()) {
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
    // After ESTALE the kernel looks up the requested name again, but none of the others.
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

  /** Returns false if the inode has got or lost a name meanwhile. */
  private boolean retire(Inode inode, List<Inode> concerned, List<Dentry> retired)
      throws ErrnoException {
    Dentry name = inode.anyName();
    for (Dentry at = name; at != null; at = at.next()) {
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
    for (Dentry at = name; at != null; at = at.next()) {
      retired.add(at);
    }
    inode.staleNames = retired.size();
    table.succeed(inode);
    return true;
  }
}
