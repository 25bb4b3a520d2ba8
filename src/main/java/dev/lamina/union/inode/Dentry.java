package dev.lamina.union.inode;

/** A name of an inode in a directory. It counts as a reference to the directory. */
public final class Dentry {
  /** The directory. */
  public final Inode parent;

  /** The name in the directory. */
  public final byte[] name;

  /**
   * The inode that the name leads to. An exchange and a succession change it, under the monitors of
   * all inodes concerned.
   */
  public volatile Inode inode;

  final int hash;

  /** The next entry in the table's bucket; guarded by the bucket's lock. */
  Dentry nextInBucket;

  /** The inode's next name; guarded by the inode's monitor. */
  Dentry nextOfInode;

  Dentry(Inode parent, byte[] name, Inode inode, int hash) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
    this.hash = hash;
  }

  /** Returns the inode's next name, under the inode's monitor; null after the last one. */
  public Dentry next() {
    return nextOfInode;
  }
}
