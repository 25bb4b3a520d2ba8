package dev.lamina.union.inode;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;

/**
 * An object of the merged view, which lives as long as the kernel or a child refers to it.
 *
 * <p>Its monitor guards where the object is: that of a directory guards the names in the directory,
 * that of any other object guards the names that the object has and the layer that it is on. The
 * monitors of several inodes are taken in the order of nodeids (see {@link Locks}).
 */
public final class Inode {
  /** The number by which the kernel names the inode. */
  public final long nodeid;

  /** The {@code S_IF} type, which never changes. */
  public final int type;

  /** The inode number that users see. */
  public volatile long number;

  /** Lookups that the kernel has not given back yet; guarded by the table. */
  long lookups;

  /** Known names in this directory; guarded by the table. */
  int children;

  /** True once the inode was dropped from the table, which sets it under its lock. */
  volatile boolean dead;

  /** The known names of the object; null once the last one is removed. */
  private Dentry names;

  /** True once the last name was removed; false if the object has not had a name yet. */
  volatile boolean removed;

  // Directories.

  /**
   * The real directories that make up this one, topmost first; if there is an upper one, it is the
   * first. Null for anything but a directory.
   */
  private volatile LayerDirectory[] contributors;

  /** See {@link #version()}. */
  private volatile int version;

  /** What is known of the upper part of a directory; only {@link DirectoryMemo} writes it. */
  volatile byte memos;

  /** The attributes of {@code AbsentXattrs}, which uses it; guarded by the monitor. */
  byte absentXattrs;

  /**
   * The flags of {@code Protection}, which uses it; written under the monitor, or before others can
   * see the inode.
   */
  volatile byte protection;

  // Anything but directories.

  /** True if the metadata lies on the upper, and the data too unless {@link #data} is set. */
  private volatile boolean upper;

  /** The place of the object as long as it is not on the upper. */
  private Place lower;

  /** The place of the data if it is not that of the metadata (metacopy); else null. */
  private volatile Place data;

  /** The inode of the same upper object that has got this one's names; null if there is none. */
  volatile Inode successor;

  /** The inode whose successor this is, as long as the kernel knows that one; else null. */
  volatile Inode predecessor;

  /**
   * The number of names that the successor has got but that the kernel may still believe to lead
   * here; guarded by the monitor.
   */
  public int staleNames;

  /** The upper object itself, once it has no name; null until then. */
  private volatile FdDirectory detached;

  /** True if other names of the same upper object may turn up: the table knows it by number. */
  boolean shared;

  /** The inode number on the upper, meaningful if {@link #shared}. */
  long upperIno;

  /**
   * The number of open files for which the kernel may read the lower file by itself (passthrough);
   * guarded by the monitor, which is notified when it decreases.
   */
  public int lowerBackings;

  /** The value of {@link #program} until the file was looked at. */
  public static final byte UNKNOWN = 0;

  /** The value of {@link #program} for a file of data. */
  public static final byte NO = 1;

  /** The value of {@link #program} for a program or library. */
  public static final byte YES = 2;

  /** Whether the lower file is a program or library; guarded by the monitor. */
  public byte program = UNKNOWN;

  /** Whether the file was opened before; guarded by the monitor. */
  public boolean isOpened;

  /**
   * Whether the file's contents are being stored in the kernel's cache; changed under the monitor,
   * which is notified when this ends.
   */
  public volatile boolean handsOver;

  /** The copy-up that is under way, of which there is at most one; guarded by the monitor. */
  public LongWork copyUp;

  private Inode(long nodeid, int type) {
    this.nodeid = nodeid;
    this.type = type;
  }

  /** Makes a directory, which takes over the references to its contributors. */
  public static Inode directory(long nodeid, LayerDirectory[] contributors) {
    Inode inode = new Inode(nodeid, Mode.S_IFDIR);
    inode.contributors = contributors;
    return inode;
  }

  /** Makes an object of the upper. */
  public static Inode upper(long nodeid, int type) {
    Inode inode = new Inode(nodeid, type);
    inode.upper = true;
    return inode;
  }

  /**
   * Makes a regular file of the upper that has no name.
   *
   * @param object the file itself, whose reference is taken over
   */
  public static Inode unnamed(long nodeid, FdDirectory object) {
    Inode inode = upper(nodeid, Mode.S_IFREG);
    inode.removed = true;
    inode.detached = object;
    return inode;
  }

  /** Makes an object of a lower layer; it takes over the reference to the object's directory. */
  static Inode lower(long nodeid, int type, LayerDirectory directory, byte[] name) {
    Inode inode = new Inode(nodeid, type);
    inode.lower = new Place(directory, name);
    return inode;
  }

  /** Sets the place of data that lies elsewhere than the metadata; takes over the reference. */
  void setData(LayerDirectory directory, byte[] name) {
    data = new Place(directory, name);
  }

  /** Returns whether the object is a directory. */
  public boolean isDirectory() {
    return type == Mode.S_IFDIR;
  }

  /** Returns whether the last name was removed; an object that has not had one is not removed. */
  public boolean isRemoved() {
    return removed;
  }

  /**
   * Returns a number that changes with the names in this directory. Whoever reads the layers
   * without the monitor reads the version before: if it is the same afterwards, the directory has
   * not changed.
   */
  public int version() {
    return version;
  }

  /** Changes {@link #version()}: called under the monitor, after the layers were changed. */
  public void countChange() {
    version++;
  }

  /**
   * Returns whether the object lies on the upper; for a directory, whether it has an upper part.
   */
  public boolean isUpper() {
    LayerDirectory[] directories = contributors;
    return directories == null ? upper : directories[0].isUpper();
  }

  /** Returns whether the metadata and the data lie in different places. */
  boolean isMetacopy() {
    return data != null;
  }

  /** Returns whether the data lies on the upper. */
  public boolean hasUpperData() {
    return upper && data == null;
  }

  /**
   * Returns the real directories that make up a directory, topmost first; callers do not change it.
   */
  public LayerDirectory[] contributors() {
    return contributors;
  }

  /** Returns the upper part of a directory that {@link #isUpper}. */
  public FdDirectory upperDirectory() {
    return (FdDirectory) contributors[0];
  }

  /** Returns whether the directory is made up of more than one real directory. */
  public boolean isMerged() {
    return contributors.length > 1;
  }

  /** Adds the upper part of a directory; its reference is taken over. */
  public void addUpper(FdDirectory directory) {
    LayerDirectory[] old = contributors;
    LayerDirectory[] all = new LayerDirectory[old.length + 1];
    all[0] = directory;
    System.arraycopy(old, 0, all, 1, old.length);
    contributors = all;
    absentXattrs = 0;
  }

  /** Returns whether another inode has got the names of this one. */
  public boolean hasSuccessor() {
    return successor != null;
  }

  /** Returns whether another inode shows the same upper object. */
  public boolean hasTwin() {
    return successor != null || predecessor != null;
  }

  /** Returns the inode that the object's names lead to. */
  public Inode named() {
    Inode heir = successor;
    return heir == null ? this : heir;
  }

  /**
   * Returns one of the names at this moment, for callers without the monitor; null if there is
   * none.
   */
  public synchronized Dentry name() {
    return names;
  }

  /** Returns one of the names, under the monitor; null if there is none. */
  public Dentry anyName() {
    return names;
  }

  /** Returns whether there are names besides the given one, under the monitor. */
  public boolean hasOtherNames(Dentry than) {
    return names != null && (names != than || names.nextOfInode != null);
  }

  void addName(Dentry dentry) {
    dentry.nextOfInode = names;
    names = dentry;
    removed = false;
  }

  void removeName(Dentry dentry) {
    if (names == dentry) {
      names = dentry.nextOfInode;
      return;
    }
    for (Dentry at = names; at != null; at = at.nextOfInode) {
      if (at.nextOfInode == dentry) {
        at.nextOfInode = dentry.nextOfInode;
        return;
      }
    }
  }

  /** Returns the place of the object, under the monitor. */
  public Place place() {
    if (contributors != null) {
      return new Place(contributors[0], Linux.EMPTY);
    }
    if (!upper) {
      return lower;
    }
    if (detached != null) {
      return new Place(detached, Linux.EMPTY);
    }
    return new Place(names.parent.upperDirectory(), names.name);
  }

  /** Returns the place of the data, under the monitor. */
  public Place dataPlace() {
    Place elsewhere = data;
    return elsewhere != null ? elsewhere : place();
  }

  /** Makes the upper the place of both metadata and data. */
  public void becomeUpper() {
    // A security module may have given the copy a label.
    absentXattrs = 0;
    upper = true;
    drop(lower);
    drop(data);
    lower = null;
    data = null;
  }

  /** Returns whether the upper object is reached by its descriptor. */
  public boolean isDetached() {
    return detached != null;
  }

  /** Makes a descriptor the way to the upper object, which has lost its name; takes it over. */
  public void detach(FdDirectory object) {
    detached = object;
  }

  /** Makes a name the way to the upper object again. */
  public void attach() {
    detached.drop();
    detached = null;
  }

  /** Frees what the inode holds. The table calls it when nothing refers to the inode any more. */
  synchronized void release() {
    if (contributors != null) {
      for (LayerDirectory directory : contributors) {
        directory.drop();
      }
    }
    drop(lower);
    drop(data);
    if (detached != null) {
      detached.drop();
    }
  }

  private static void drop(Place place) {
    if (place != null) {
      place.directory().drop();
    }
  }

  /**
   * Ends the copy-up, for which requests may wait.
   *
   * @param errno of a failure that all waiting requests share; 0 if each shall look for itself
   */
  public void endCopyUp(LongWork work, int errno) {
    synchronized (this) {
      copyUp = null;
    }
    work.end(errno);
  }
}
