package dev.lamina.union;

import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Stat;

/**
 * What a copy-up copies, as it was at one moment.
 *
 * @param place of the metadata
 * @param data of the data, which is elsewhere for a metacopy
 * @param stat the metadata
 */
record CopySource(Place place, Place data, Stat stat) {
  static CopySource of(Inode inode) throws ErrnoException {
    Stat stat = new Stat();
    synchronized (inode) {
      Place place = inode.place();
      ErrnoException.check(place.directory().stat(place.name(), stat));
      return new CopySource(place, inode.dataPlace(), stat);
    }
  }
}
