package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;

/**
 * An object of the merged view, for as long as the kernel or a child of it refers to it.
 *
 * <p>Its monitor guards where it is: a directory's guards the names in it, any other object's the
 * names it has and the layer it is on. Monitors of several inodes are taken in the order of nodeids
 * (see {@link Locks}).
 */
final class Inode {
  final long nodeid;

  /** {@code S_IF} type; it never changes. */
  final int type;

  /** The inode number that users see. */
  volatile long number;

  // Guarded by the table.
  long lookups;
  int children;

  /** Dropped from the table; set once, under its lock. */
  volatile boolean dead;

  /** The names known for it; empty once the last is removed. */
  private Dentry names;

  /** True once its last name was removed, as opposed to not having had one yet. */
  volatile boolean removed;

  // Directories.

  /**
   * The real directories that make up this one, topmost first; the upper one, when there is one, is
   * the first. Null for anything but a directory.
   */
  private volatile LayerDirectory[] contributors;

  /**
   * Counts the changes of the names in this directory: under its monitor, after the layers were
   * changed.
   */
  volatile int version;

  /** What is known of its upper part; see {@link DirectoryMemo}, which alone writes it. */
  volatile byte memos;

  /** See {@link AbsentXattrs}; guarded by the monitor. */
  byte absentXattrs;

  /** See {@link Protection}; written under the monitor, or before others can see the inode. */
  volatile byte protection;

  // Anything but directories.

  /** True when its metadata lies on the upper, and unless there is a data place its data too. */
  private volatile boolean upper;

  /** Where it lies while it is not on the upper. */
  private Place lower;

  /** Where its data lies when only metadata is where it lies itself (metacopy). */
  private volatile Place data;

  /** The inode of the same upper object that has this one's names ({@link Succession}). */
  volatile Inode successor;

  /** The inode whose successor this is, for as long as the kernel knows it. */
  volatile Inode predecessor;

  /**
   * Names that the successor has and the kernel may still take for this one's; guarded by the
   * monitor.
   */
  int staleNames;

  /** The upper object itself, once it has no name. */
  private volatile FdDirectory detached;

  /** True when other names of the same upper object may turn up: known to the table by number. */
  boolean shared;

  /** Its inode number on the upper, meaningful when {@link #shared}. */
  long upperIno;

  /**
   * Open files that the kernel may be reading from the lower file by itself; guarded by the
   * monitor, which is notified when there are none.
   */
  int lowerBackings;

  /** Of {@link #program}: nobody has looked. */
  static final byte UNKNOWN = 0;

  static final byte NO = 1;
  static final byte YES = 2;

  /** Whether the lower file is a program or library; guarded by the monitor. */
  byte program = UNKNOWN;

  /** It was opened before; guarded by the monitor. */
  boolean isOpened;

  /**
   * Its contents are being handed over to the kernel ({@link ContentsAtOpen}); changed under the
   * monitor, which is notified at the end.
   */
  volatile boolean handsOver;

  /** The copy-up that is under way, of which there is one at a time; guarded by the monitor. */
  LongWork copyUp;

  private Inode(long nodeid, int type) {
    this.nodeid = nodeid;
    this.type = type;
  }

  /** A directory; takes over the references to its contributors. */
  static Inode directory(long nodeid, LayerDirectory[] contributors) {
    Inode inode = new Inode(nodeid, Mode.S_IFDIR);
    inode.contributors = contributors;
    return inode;
  }

  /** An object of the upper. */
  static Inode upper(long nodeid, int type) {
    Inode inode = new Inode(nodeid, type);
    inode.upper = true;
    return inode;
  }

  /** An object of a lower layer; takes over the reference to the directory it is in. */
  static Inode lower(long nodeid, int type, LayerDirectory directory, byte[] name) {
    Inode inode = new Inode(nodeid, type);
    inode.lower = new Place(directory, name);
    return inode;
  }

  /** Its data lies elsewhere than its metadata; takes over the reference. */
  void setData(LayerDirectory directory, byte[] name) {
    data = new Place(directory, name);
  }

  boolean isDirectory() {
    return type == Mode.S_IFDIR;
  }

  /** True when it lies on the upper, as a directory with its upper part. */
  boolean isUpper() {
    LayerDirectory[] directories = contributors;
    return directories == null ? upper : directories[0].isUpper();
  }

  /** True when its metadata and its data lie in different places. */
  boolean isMetacopy() {
    return data != null;
  }

  /** True when reading it reads the upper. */
  boolean hasUpperData() {
    return upper && data == null;
  }

  LayerDirectory[] contributors() {
    return contributors;
  }

  /** The directory's upper part; only where {@link #isUpper}. */
  FdDirectory upperDirectory() {
    return (FdDirectory) contributors[0];
  }

  /** True when it shows more than one real directory. */
  boolean isMerged() {
    return contributors.length > 1;
  }

  /** Puts the upper part, whose reference is taken over, on top. */
  void addUpper(FdDirectory directory) {
    LayerDirectory[] old = contributors;
    LayerDirectory[] all = new LayerDirectory[old.length + 1];
    all[0] = directory;
    System.arraycopy(old, 0, all, 1, old.length);
    contributors = all;
    AbsentXattrs.clear(this);
  }

  /** Whether another inode shows the same upper object. */
  boolean hasTwin() {
    return successor != null || predecessor != null;
  }

  /** The inode that the object's names lead to. */
  Inode named() {
    Inode heir = successor;
    return heir == null ? this : heir;
  }

  // Names, under the monitor.

  Dentry anyName() {
    return names;
  }

  boolean hasOtherNames(Dentry than) {
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

  /** Where it lies; under the monitor. */
  Place place() {
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

  /** Where its data lies; under the monitor. */
  Place dataPlace() {
    Place elsewhere = data;
    return elsewhere != null ? elsewhere : place();
  }

  /** It lies on the upper from now on, all of it. */
  void becomeUpper() {
    // A copy may have got a label from a security module.
    AbsentXattrs.clear(this);
    upper = true;
    drop(lower);
    drop(data);
    lower = null;
    data = null;
  }

  /** True when the upper object is reached by its descriptor. */
  boolean isDetached() {
    return detached != null;
  }

  /** The upper object is reached by its descriptor from now on, which this takes over. */
  void detach(FdDirectory object) {
    detached = object;
  }

  /** The upper object has a name from now on. */
  void attach() {
    detached.drop();
    detached = null;
  }

  /** Frees what it holds; the table calls it when nothing refers to it any more. */
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
}
