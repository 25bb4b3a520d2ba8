package dev.lamina.image.layer;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Stat;

/**
 * An object of a merged tree, and where it was found. Valid while its directory is.
 *
 * @param merge decides on the tree
 * @param directories the real ones that make up the directory it is in; or for a root, itself
 * @param index the one of them that shows it
 * @param name empty for a root
 * @param stat its attributes on that layer, for this object alone
 */
record TreeObject(Merge merge, LayerDirectory[] directories, int index, byte[] name, Stat stat) {
  LayerDirectory directory() {
    return directories[index];
  }

  /** True when it is the same inode of the same file system. */
  boolean isInode(TreeObject other) {
    return stat.ino == other.stat.ino && stat.dev == other.stat.dev;
  }

  /**
   * Where the data of a regular file lies, which for a metacopy is a layer below.
   *
   * @return with a reference to the directory that is the caller's
   * @throws ErrnoException EIO where there is no data, ELOOP where redirects lead too far
   */
  Place data() throws ErrnoException {
    return merge.isMetacopy(directory(), name, stat)
        ? merge.data(directories, index, name)
        : new Place(directory().retain(), name);
  }
}
