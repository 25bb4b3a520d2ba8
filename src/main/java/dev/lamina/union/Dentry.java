package dev.lamina.union;

/** One name of an inode, in a directory. Its holder counts as a user of the directory. */
final class Dentry {
  final Inode parent;
  final byte[] name;

  /** Changed by an exchange and a succession, under the monitors of everyone concerned. */
  volatile Inode inode;

  final int hash;

  /** Next in the table's bucket; guarded by the bucket's lock. */
  Dentry nextInBucket;

  /** The inode's next name; guarded by the inode's monitor. */
  Dentry nextOfInode;

  Dentry(Inode parent, byte[] name, Inode inode, int hash) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
    this.hash = hash;
  }
}
