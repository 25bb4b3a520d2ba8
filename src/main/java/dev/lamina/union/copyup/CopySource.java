package dev.lamina.union.copyup;

import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.Inode;

/**
 * The original of a copy-up, as it was at one moment.
 *
 * @param place the place of the metadata
 * @param data the place of the data, which is another one for a metacopy
 * @param stat the metadata
 */
record CopySource(Place place, Place data, Stat stat) {
  /** Reads the attributes of an inode that is to be copied up. */
  static CopySource of(Inode inode) throws ErrnoException {
    Stat stat = new Stat();
    synchronized (inode) {
      Place place = inode.place();
      ErrnoException.check(place.directory().stat(place.name(), stat));
      return new CopySource(place, inode.dataPlace(), stat);
    }
  }

  /** Returns the index of the layer that the data is on. */
  int layer() {
    return data.directory().layer().index();
  }
}
