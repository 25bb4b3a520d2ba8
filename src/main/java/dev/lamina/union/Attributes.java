package dev.lamina.union;

import dev.lamina.fuse.FuseException;
import dev.lamina.sys.Stat;

/** The attributes that users see, made from those of the real objects. */
final class Attributes {
  private Attributes() {}

  /**
   * Reads an inode's attributes.
   *
   * @throws FuseException with the errno of statx(2)
   */
  static void read(Inode inode, Stat out) throws FuseException {
    synchronized (inode) {
      Place place = inode.place();
      FuseException.check(place.directory().stat(place.name(), out));
    }
    present(inode, out);
  }

  /** Turns what a layer says of an inode into what users see. */
  static void present(Inode inode, Stat stat) throws FuseException {
    if (inode.isDirectory()) {
      // Subdirectories of several layers are not counted: 1 says so, as on overlayfs.
      if (inode.isMerged()) {
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
