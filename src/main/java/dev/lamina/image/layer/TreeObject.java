package dev.lamina.image.layer;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Stat;

/**
 * An object of a merged tree and the place where it was found. It is valid for as long as its
 * directory is.
 *
 * @param merge the rule for the tree
 * @param directories the real directories that make up the directory of the object, or the root
 *     itself
 * @param index which of them shows the object
 * @param name in that directory; empty for the root
 * @param stat its attributes on that layer; no other object uses it
 */
record TreeObject(Merge merge, LayerDirectory[] directories, int index, byte[] name, Stat stat) {
  LayerDirectory directory() {
    return directories[index];
  }

  /** Returns true when both are the same inode of the same file system. */
  boolean isInode(TreeObject other) {
    return stat.ino == other.stat.ino && stat.dev == other.stat.dev;
  }

  /**
   * Returns where the data of a regular file is: for a metacopy, on a lower layer.
   *
   * @return with a reference to the directory, which the caller drops
   * @throws ErrnoException EIO when there is no data, ELOOP when there are too many redirects
   */
  Place data() throws ErrnoException {
    return merge.isMetacopy(directory(), name, stat)
        ? merge.data(directories, index, name)
        : new Place(directory().retain(), name);
  }
}
