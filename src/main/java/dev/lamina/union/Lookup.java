package dev.lamina.union;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Place;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/** Finds a name's inode, making it known when it is not yet. */
final class Lookup {
  /** NAME_MAX of limits.h. */
  static final int NAME_MAX = 255;

  private final Union union;

  Lookup(Union union) {
    this.union = union;
  }

  /**
   * Finds a name and counts one lookup of its inode.
   *
   * <p>The layers are asked without a lock; the answer counts only if the directory has not changed
   * meanwhile.
   *
   * @param stat gets the attributes as the layer has them
   * @return null when there is no such name
   */
  Inode find(Inode directory, byte[] name, Stat stat) throws ErrnoException {
    if (name.length > NAME_MAX) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    if (Whiteouts.isReserved(name)) {
      return null;
    }
    while (true) {
      int version = directory.version;
      if (directory.removed) {
        return null;
      }
      LayerDirectory[] directories = directory.contributors();
      int index = union.merge().find(directories, 0, name, stat);
      if (index < 0) {
        return null;
      }
      Inode inode = resolve(directory, version, directories, index, name, stat);
      if (inode != null) {
        return inode;
      }
    }
  }

  /**
   * The same for an entry of a listing, which tells the layer to ask while the directory has not
   * changed.
   */
  Inode find(Inode directory, DirectorySnapshot listing, int index, byte[] name, Stat stat)
      throws ErrnoException {
    int version = listing.version();
    LayerDirectory[] directories = directory.contributors();
    int source = listing.source(index);
    boolean isCurrent = directory.version == version && source < directories.length;
    if (isCurrent && directories[source].stat(name, stat) == 0) {
      Inode inode = resolve(directory, version, directories, source, name, stat);
      if (inode != null) {
        return inode;
      }
    }
    return find(directory, name, stat);
  }

  /**
   * The inode of a name that a layer has, one lookup counted.
   *
   * @param version of the directory, read before the layer was asked
   * @return null when the directory has changed since: the layers must be asked again
   */
  private Inode resolve(
      Inode directory, int version, LayerDirectory[] directories, int index, byte[] name, Stat stat)
      throws ErrnoException {
    Inode known = union.table().child(directory, name, true);
    Inode inode = known != null ? known : make(directory, directories, index, name, stat);
    if (known == null) {
      known = publish(directory, version, name, inode, stat);
      if (known != inode && known != null) {
        inode.release();
        inode = known;
      }
    }
    if (known != null && directory.version == version) {
      return inode;
    }
    if (known != null) {
      union.table().forget(inode, 1);
    } else {
      inode.release();
    }
    return null;
  }

  /** The inode now known by that name, counted; null when it must be looked up again. */
  private Inode publish(Inode directory, int version, byte[] name, Inode made, Stat stat)
      throws ErrnoException {
    boolean mayBeShared = made.isUpper() && !made.isDirectory() && stat.nlink > 1;
    Inode other = mayBeShared ? union.table().useShared(stat.ino) : null;
    Inode published =
        Locks.hold(
            directory,
            other,
            () -> {
              if (directory.version != version) {
                return null;
              }
              Inode known = union.table().child(directory, name, true);
              if (known != null) {
                if (known == other) {
                  // Counted twice by now.
                  union.table().forget(other, 1);
                }
                return known;
              }
              if (other != null) {
                // Another name of an upper object that is known already.
                union.table().addName(directory, name, other);
                return other;
              }
              if (mayBeShared) {
                boolean first = union.table().addNewShared(made, stat.ino, directory, name);
                return first ? made : null;
              }
              union.table().addNew(made, directory, name);
              return made;
            });
    if (other != null && published != other) {
      union.table().forget(other, 1);
    }
    return published;
  }

  private Inode make(
      Inode directory, LayerDirectory[] directories, int index, byte[] name, Stat stat)
      throws ErrnoException {
    long nodeid = union.table().newNodeid();
    if (stat.isDirectory()) {
      LayerDirectory[] contributors = union.merge().contributors(directories, index, name);
      Inode inode = Inode.directory(nodeid, contributors);
      try {
        union.traps().check(contributors, stat);
        inode.number = directoryNumber(contributors, stat);
        inode.protection = Protection.of(stat, inode.isUpper());
        return inode;
      } catch (ErrnoException e) {
        inode.release();
        throw e;
      }
    }
    LayerDirectory place = directories[index];
    Inode inode;
    if (place.isUpper()) {
      inode = Inode.upper(nodeid, stat.type());
      boolean impure = union.marks().isImpure(directory);
      inode.number = union.marks().number(place, name, impure, stat.dev, stat.ino);
    } else {
      inode = Inode.lower(nodeid, stat.type(), place.retain(), name);
      inode.number = union.numbers().number(stat.dev, stat.ino);
    }
    inode.protection = Protection.of(stat, place.isUpper());
    try {
      if (union.merge().isMetacopy(place, name, stat)) {
        Place data = union.merge().data(directories, index, name);
        inode.setData(data.directory(), data.name());
      }
      return inode;
    } catch (ErrnoException e) {
      inode.release();
      throw e;
    }
  }

  /**
   * A merged directory shows the number of its topmost lower directory, so that copy-up does not
   * change it.
   */
  private long directoryNumber(LayerDirectory[] contributors, Stat top) throws ErrnoException {
    LayerDirectory topmost = contributors[0];
    if (contributors.length == 1 || !topmost.isUpper() || Merge.isKnownOpaque(topmost)) {
      return union.numbers().number(top.dev, top.ino);
    }
    Stat lower = new Stat();
    ErrnoException.check(contributors[1].stat(Linux.EMPTY, lower));
    return union.numbers().number(lower.dev, lower.ino);
  }

  /**
   * The number of a directory entry that is not known.
   *
   * @param own what the layer that shows it says
   */
  long directoryNumber(Inode directory, byte[] name, long own) throws ErrnoException {
    LayerDirectory[] directories = directory.contributors();
    Stat stat = new Stat();
    int index = union.merge().find(directories, 0, name, stat);
    if (index < 0 || !directories[index].isUpper() || !stat.isDirectory()) {
      return own;
    }
    LayerDirectory[] contributors = union.merge().contributors(directories, index, name);
    try {
      return directoryNumber(contributors, stat);
    } finally {
      Merge.drop(contributors);
    }
  }
}
