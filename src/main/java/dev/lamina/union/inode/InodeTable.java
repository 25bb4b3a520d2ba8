package dev.lamina.union.inode;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.NameHash;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All inodes that the kernel knows, or that have a child it knows, by nodeid and by name.
 *
 * <p>An inode lives as long as it has lookups (counted for the kernel, given back by FORGET) or
 * known children. Nodeids are counted up and never used again.
 */
public final class InodeTable {
  private final AtomicLong lastNodeid = new AtomicLong(FuseFileSystem.ROOT);
  private final NodeStripe[] nodes = new NodeStripe[NodeStripe.STRIPES];
  private final NameStripe[] names = new NameStripe[NodeStripe.STRIPES];

  /** Upper objects that may have several names, by inode number; guarded by its monitor. */
  private final Map<Long, Inode> shared = new HashMap<>();

  /** Makes an empty table. */
  public InodeTable() {
    Arrays.setAll(nodes, i -> new NodeStripe());
    Arrays.setAll(names, i -> new NameStripe());
  }

  /** Returns a nodeid that was never used before. */
  public long newNodeid() {
    return lastNodeid.incrementAndGet();
  }

  /** Adds a new inode without a name, with one lookup; the root's is never given back. */
  public void addUnnamed(Inode inode) {
    inode.lookups = 1;
    add(inode);
  }

  /** Returns the inode of a nodeid; null if it is not known. */
  public Inode get(long nodeid) {
    NodeStripe stripe = nodeStripe(nodeid);
    synchronized (stripe) {
      return stripe.get(nodeid);
    }
  }

  /**
   * Returns the inode of a nodeid in a request.
   *
   * @throws ErrnoException ESTALE if it is not known; the kernel names only inodes that it knows
   */
  public Inode inode(long nodeid) throws ErrnoException {
    Inode inode = get(nodeid);
    if (inode == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return inode;
  }

  /**
   * Returns the inode of a nodeid in a request, which must be a directory.
   *
   * @throws ErrnoException ENOTDIR if it is not a directory, ESTALE if it is not known
   */
  public Inode directory(long nodeid) throws ErrnoException {
    Inode inode = inode(nodeid);
    if (!inode.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    return inode;
  }

  private void add(Inode inode) {
    NodeStripe stripe = nodeStripe(inode.nodeid);
    synchronized (stripe) {
      stripe.add(inode);
    }
  }

  /**
   * Returns the inode that a name leads to; null if the name is not known.
   *
   * @param count whether to count a lookup
   */
  public Inode child(Inode parent, byte[] name, boolean count) {
    int hash = hash(parent, name);
    NameStripe stripe = names[hash & NodeStripe.STRIPES - 1];
    Inode inode;
    synchronized (stripe) {
      Dentry dentry = stripe.get(hash, parent, name);
      inode = dentry == null ? null : dentry.inode;
    }
    return inode == null || !use(inode, count) ? null : inode;
  }

  /** Returns whether the kernel knows a name and it leads to an object of a lower layer. */
  public boolean isKnownToKernel(Inode parent, byte[] name) {
    if (!hasChildren(parent)) {
      return false;
    }
    Dentry dentry = dentry(parent, name);
    Inode inode = dentry == null ? null : dentry.inode;
    if (inode == null || inode.isUpper()) {
      return false;
    }
    NodeStripe stripe = nodeStripe(inode.nodeid);
    synchronized (stripe) {
      return inode.lookups > 0;
    }
  }

  private boolean hasChildren(Inode inode) {
    NodeStripe stripe = nodeStripe(inode.nodeid);
    synchronized (stripe) {
      return inode.children > 0;
    }
  }

  /** Returns the dentry of a name; null if the name is not known. */
  public Dentry dentry(Inode parent, byte[] name) {
    int hash = hash(parent, name);
    NameStripe stripe = names[hash & NodeStripe.STRIPES - 1];
    synchronized (stripe) {
      return stripe.get(hash, parent, name);
    }
  }

  /**
   * Makes sure that an inode is still in the table.
   *
   * @param count whether to count a lookup
   * @return false if the inode has been dropped
   */
  public boolean use(Inode inode, boolean count) {
    NodeStripe stripe = nodeStripe(inode.nodeid);
    synchronized (stripe) {
      if (inode.dead) {
        return false;
      }
      if (count) {
        inode.lookups++;
      }
      return true;
    }
  }

  /** Adds a new inode with one lookup and its first name. Needs the parent's monitor. */
  public void addNew(Inode inode, Inode parent, byte[] name) {
    inode.lookups = 1;
    add(inode);
    addName(parent, name, inode);
  }

  /**
   * Gives an inode one more name. Needs the monitors of both, unless nobody else can see the inode
   * yet.
   */
  public void addName(Inode parent, byte[] name, Inode inode) {
    int hash = hash(parent, name);
    Dentry dentry = new Dentry(parent, name, inode, hash);
    NodeStripe parentStripe = nodeStripe(parent.nodeid);
    synchronized (parentStripe) {
      parent.children++;
    }
    inode.addName(dentry);
    NameStripe stripe = names[hash & NodeStripe.STRIPES - 1];
    synchronized (stripe) {
      stripe.add(dentry);
    }
  }

  /** Removes a name. Needs the monitors of its directory and its inode. */
  public void removeName(Dentry dentry) {
    dentry.inode.removeName(dentry);
    if (dentry.inode.anyName() == null) {
      dentry.inode.removed = true;
    }
    unhash(dentry);
  }

  /**
   * Gives all names of an inode on the upper to a new inode, its successor, which lives at least as
   * long. Needs the monitors of the inode and of the directories of its names.
   */
  public void succeed(Inode inode) {
    Inode successor = Inode.upper(newNodeid(), inode.type);
    successor.number = inode.number;
    successor.protection = inode.protection;
    successor.predecessor = inode;
    // Nodeids only grow, so this keeps to the order of monitors.
    synchronized (successor) {
      // The inode itself holds the lookup that is counted.
      addUnnamed(successor);
      inode.successor = successor;
      AbsentXattrs.clear(inode);
      if (inode.shared) {
        share(successor, inode.upperIno);
        inode.shared = false;
      }
      for (Dentry at = inode.anyName(); at != null; at = inode.anyName()) {
        inode.removeName(at);
        successor.addName(at);
        at.inode = successor;
        at.parent.countChange();
      }
    }
  }

  /** Exchanges the inodes that two names lead to. Needs the monitors of all four inodes. */
  public void exchange(Dentry one, Dentry other) {
    Inode inode = one.inode;
    Inode otherInode = other.inode;
    inode.removeName(one);
    otherInode.removeName(other);
    one.inode = otherInode;
    other.inode = inode;
    inode.addName(other);
    otherInode.addName(one);
  }

  private boolean remove(Dentry dentry) {
    NameStripe stripe = names[dentry.hash & NodeStripe.STRIPES - 1];
    synchronized (stripe) {
      return stripe.remove(dentry);
    }
  }

  private void unhash(Dentry dentry) {
    if (remove(dentry) && giveBack(dentry.parent, 0, 1)) {
      drop(dentry.parent);
    }
  }

  /** Gives lookups back. An inode that has neither lookups nor children left is dropped. */
  public void forget(Inode inode, long count) {
    if (giveBack(inode, count, 0)) {
      drop(inode);
    }
  }

  /** Returns true if nothing refers to the inode any more: then the caller must drop it. */
  private boolean giveBack(Inode inode, long lookups, int children) {
    NodeStripe stripe = nodeStripe(inode.nodeid);
    synchronized (stripe) {
      inode.lookups -= Math.min(lookups, inode.lookups);
      inode.children -= children;
      boolean kept = inode.nodeid == FuseFileSystem.ROOT || inode.dead;
      if (kept || inode.lookups > 0 || inode.children > 0) {
        return false;
      }
      inode.dead = true;
      stripe.remove(inode);
      return true;
    }
  }

  /** Drops an inode, and the directories to which it held the last reference. */
  private void drop(Inode first) {
    // A loop, not recursion: trees may be deeper than the stack.
    Deque<Inode> dying = new ArrayDeque<>();
    for (Inode inode = first; inode != null; inode = dying.poll()) {
      if (inode.shared) {
        synchronized (shared) {
          shared.remove(inode.upperIno, inode);
        }
      }
      Dentry names;
      synchronized (inode) {
        names = inode.anyName();
      }
      for (Dentry at = names; at != null; at = at.nextOfInode) {
        if (remove(at) && giveBack(at.parent, 0, 1)) {
          dying.add(at.parent);
        }
      }
      inode.release();
      Inode successor = inode.successor;
      if (successor != null) {
        successor.predecessor = null;
        if (giveBack(successor, 1, 0)) {
          dying.add(successor);
        }
      }
    }
  }

  /**
   * Returns the inode of an upper object that has several names, and counts a lookup; null if there
   * is no such inode.
   */
  Inode useShared(long upperIno) {
    synchronized (shared) {
      Inode inode = shared.get(upperIno);
      return inode != null && use(inode, true) ? inode : null;
    }
  }

  /**
   * Adds a new inode as the one that all names of an upper object lead to.
   *
   * @return false if there is another one by now; nothing has changed then
   */
  boolean addNewShared(Inode inode, long upperIno, Inode parent, byte[] name) {
    synchronized (shared) {
      Inode other = shared.get(upperIno);
      if (other != null && !other.dead) {
        return false;
      }
      addNew(inode, parent, name);
      share(inode, upperIno);
      return true;
    }
  }

  /** Makes other names of an upper object lead to this inode from now on. */
  public void share(Inode inode, long upperIno) {
    if (inode.shared) {
      return;
    }
    synchronized (shared) {
      inode.shared = true;
      inode.upperIno = upperIno;
      shared.put(upperIno, inode);
    }
  }

  /** Releases all inodes at the end of a mount. */
  public void close() {
    for (NodeStripe stripe : nodes) {
      List<Inode> inodes;
      synchronized (stripe) {
        inodes = stripe.all();
      }
      inodes.forEach(Inode::release);
    }
  }

  /** Returns the number of inodes in the table. */
  public int size() {
    int size = 0;
    for (NodeStripe stripe : nodes) {
      synchronized (stripe) {
        size += stripe.size;
      }
    }
    return size;
  }

  private NodeStripe nodeStripe(long nodeid) {
    return nodes[(int) nodeid & NodeStripe.STRIPES - 1];
  }

  private static int hash(Inode parent, byte[] name) {
    // The odd factor gives the same name a different hash in each directory.
    int hash = NameHash.of(name) + 0x9E3779B9 * Long.hashCode(parent.nodeid);
    return hash ^ hash >>> 16;
  }
}
