package dev.lamina.union.inode;

import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/** Reads the attributes of inodes and makes of them what users see. */
public final class Attributes {
  private Attributes() {}

  /**
   * Reads an inode's attributes.
   *
   * @throws ErrnoException with the errno of statx(2)
   */
  public static void read(Inode inode, Stat out) throws ErrnoException {
    synchronized (inode) {
      Place place = inode.place();
      ErrnoException.check(place.directory().stat(place.name(), out));
    }
    present(inode, out);
  }

  /**
   * Reads the target of a symbolic link, see {@link dev.lamina.fuse.FuseFileSystem#readlink}.
   *
   * @throws ErrnoException EINVAL for anything but a symbolic link
   */
  public static int readlink(Inode inode, long address, int size) throws ErrnoException {
    if (inode.type != Mode.S_IFLNK) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    synchronized (inode) {
      Place place = inode.place();
      return ErrnoException.check(place.directory().readlink(place.name(), address, size));
    }
  }

  /** Changes the attributes that a layer has for an inode into those that users see. */
  static void present(Inode inode, Stat stat) throws ErrnoException {
    if (inode.isDirectory()) {
      // The subdirectories of several layers are not counted. As on overlayfs, 1 says so.
      if (inode.isMerged()) {
        stat.nlink = 1;
      }
    } else if (inode.isRemoved() && !inode.isUpper()) {
      // The lower file still has the name that users have removed: layers do not change.
      stat.nlink = Math.max(0, stat.nlink - 1);
    }
    if (inode.isMetacopy()) {
      stat.blocks = dataBlocks(inode);
    }
    stat.ino = inode.number;
  }

  private static long dataBlocks(Inode inode) throws ErrnoException {
    Stat data = new Stat();
    synchronized (inode) {
      Place place = inode.dataPlace();
      ErrnoException.check(place.directory().stat(place.name(), data));
    }
    return data.blocks;
  }
}
