package dev.lamina.union;

import dev.lamina.fuse.FuseException;
import dev.lamina.sys.Stat;

/** The attributes that users see, made from those of the real objects. */
final class Attributes {
  private final boolean writable;

  Attributes(Union union) {
    writable = union.work() != null;
  }

  /**
   * Reads an inode's attributes.
   *
   * @throws FuseException with the errno of statx(2)
   */
  void read(Inode inode, Stat out) throws FuseException {
    synchronized (inode) {
      Place place = inode.place();
      FuseException.check(place.directory().stat(place.name(), out));
    }
    present(inode, out);
  }

  /** Turns what a layer says of an inode into what users see. */
  void present(Inode inode, Stat stat) throws FuseException {
    if (inode.isDirectory()) {
      // Subdirectories of several layers are not counted: 1 says so, as on overlayfs. A directory
      // that may be merged with an upper one later says so from the start: overlayfs changes its
      // answer then, which a cache in the kernel would not see.
      if (inode.isMerged() || writable && !inode.isUpper()) {
        stat.nlink = 1;
      }
    } else if (inode.removed && !inode.isUpper()) {
      // Layers are not changed: the lower file still has the name that users have removed.
      stat.nlink = Math.max(0, stat.nlink - 1);
    }
    if (inode.isMetacopy()) {
      stat.blocks = dataBlocks(inode);
    }
    stat.ino = inode.number;
  }

  private static long dataBlocks(Inode inode) throws FuseException {
    Stat data = new Stat();
    synchronized (inode) {
      Place place = inode.dataPlace();
      FuseException.check(place.directory().stat(place.name(), data));
    }
    return data.blocks;
  }
}
