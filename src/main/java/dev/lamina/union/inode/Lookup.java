package dev.lamina.union.inode;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Place;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.union.upper.Traps;

/** Finds the inode that a name leads to, and adds it to the table if it is new. */
public final class Lookup {
  /** The longest name, NAME_MAX of limits.h. */
  static final int NAME_MAX = 255;

  private final Merge merge;
  private final InodeTable table;
  private final InodeNumbers numbers;
  private final NumberMarks marks;
  private final Traps traps;

  /**
   * @param traps the directories that no layer may show
   */
  public Lookup(
      Merge merge, InodeTable table, InodeNumbers numbers, NumberMarks marks, Traps traps) {
    this.merge = merge;
    this.table = table;
    this.numbers = numbers;
    this.marks = marks;
    this.traps = traps;
  }

  /**
   * Checks a name that is to be created.
   *
   * @throws ErrnoException ENAMETOOLONG, or EINVAL for a name that layers reserve for whiteouts
   */
  public static void checkNewName(byte[] name) throws ErrnoException {
    if (name.length > NAME_MAX) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    if (Whiteouts.isReserved(name)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /**
   * Finds a name and counts one lookup of its inode.
   *
   * <p>The layers are asked without a lock. The answer counts only if the directory has not changed
   * meanwhile.
   *
   * @param stat receives the attributes as the layer has them
   * @return null if there is no such name
   */
  public Inode find(Inode directory, byte[] name, Stat stat) throws ErrnoException {
    if (name.length > NAME_MAX) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    if (Whiteouts.isReserved(name)) {
      return null;
    }
    while (true) {
      int version = directory.version();
      if (directory.isRemoved()) {
        return null;
      }
      LayerDirectory[] directories = directory.contributors();
      int index = merge.find(directories, 0, name, stat);
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
   * Finds a name that was listed and counts one lookup of its inode. As long as the directory has
   * not changed since, only the layer that showed the name is asked.
   *
   * @param version the version of the directory that was listed
   * @param source the index of the real directory that showed the name
   * @param stat receives the attributes as the layer has them
   * @return null if there is no such name
   */
  public Inode findListed(Inode directory, int version, int source, byte[] name, Stat stat)
      throws ErrnoException {
    LayerDirectory[] directories = directory.contributors();
    boolean isCurrent = directory.version() == version && source < directories.length;
    if (isCurrent && directories[source].stat(name, stat) == 0) {
      Inode inode = resolve(directory, version, directories, source, name, stat);
      if (inode != null) {
        return inode;
      }
    }
    return find(directory, name, stat);
  }

  /**
   * Returns the inode of a name that a layer has, and counts one lookup.
   *
   * @param version the version of the directory before the layer was asked
   * @return null if the directory has changed since: the layers must be asked again
   */
  private Inode resolve(
      Inode directory, int version, LayerDirectory[] directories, int index, byte[] name, Stat stat)
      throws ErrnoException {
    Inode known = table.child(directory, name, true);
    Inode inode = known != null ? known : make(directory, directories, index, name, stat);
    if (known == null) {
      known = publish(directory, version, name, inode, stat);
      if (known != inode && known != null) {
        inode.release();
        inode = known;
      }
    }
    if (known != null && directory.version() == version) {
      return inode;
    }
    if (known != null) {
      table.forget(inode, 1);
    } else {
      inode.release();
    }
    return null;
  }

  /**
   * Returns the inode that is known by the name now, and counts one lookup; null if the name must
   * be looked up again.
   */
  private Inode publish(Inode directory, int version, byte[] name, Inode made, Stat stat)
      throws ErrnoException {
    boolean mayBeShared = made.isUpper() && !made.isDirectory() && stat.nlink > 1;
    Inode other = mayBeShared ? table.useShared(stat.ino) : null;
    Inode published =
        Locks.hold(
            directory,
            other,
            () -> {
              if (directory.version() != version) {
                return null;
              }
              Inode known = table.child(directory, name, true);
              if (known != null) {
                if (known == other) {
                  // Two lookups have been counted by now.
                  table.forget(other, 1);
                }
                return known;
              }
              if (other != null) {
                // This is another name of an upper object that is known already.
                table.addName(directory, name, other);
                return other;
              }
              if (mayBeShared) {
                boolean first = table.addNewShared(made, stat.ino, directory, name);
                return first ? made : null;
              }
              table.addNew(made, directory, name);
              return made;
            });
    if (other != null && published != other) {
      table.forget(other, 1);
    }
    return published;
  }

  private Inode make(
      Inode directory, LayerDirectory[] directories, int index, byte[] name, Stat stat)
      throws ErrnoException {
    long nodeid = table.newNodeid();
    if (stat.isDirectory()) {
      LayerDirectory[] contributors = merge.contributors(directories, index, name);
      Inode inode = Inode.directory(nodeid, contributors);
      try {
        traps.check(contributors, stat);
        inode.number = directoryNumber(contributors, stat);
        Protection.initialize(inode, stat);
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
      boolean impure = marks.isImpure(directory);
      inode.number = marks.number(place, name, impure, stat.dev, stat.ino);
    } else {
      inode = Inode.lower(nodeid, stat.type(), place.retain(), name);
      inode.number = numbers.number(stat.dev, stat.ino);
    }
    Protection.initialize(inode, stat);
    try {
      if (merge.isMetacopy(place, name, stat)) {
        Place data = merge.data(directories, index, name);
        inode.setData(data.directory(), data.name());
      }
      return inode;
    } catch (ErrnoException e) {
      inode.release();
      throw e;
    }
  }

  /**
   * Returns the number to show for a directory. A merged directory shows the number of its topmost
   * lower directory, so that copy-up does not change it.
   */
  private long directoryNumber(LayerDirectory[] contributors, Stat top) throws ErrnoException {
    LayerDirectory topmost = contributors[0];
    if (contributors.length == 1 || !topmost.isUpper() || Merge.isKnownOpaque(topmost)) {
      return numbers.number(top.dev, top.ino);
    }
    Stat lower = new Stat();
    ErrnoException.check(contributors[1].stat(Linux.EMPTY, lower));
    return numbers.number(lower.dev, lower.ino);
  }

  /**
   * Returns the number to show for a directory that was listed and has no inode.
   *
   * @param own the number in the layer that shows it
   */
  public long directoryNumber(Inode directory, byte[] name, long own) throws ErrnoException {
    LayerDirectory[] directories = directory.contributors();
    Stat stat = new Stat();
    int index = merge.find(directories, 0, name, stat);
    if (index < 0 || !directories[index].isUpper() || !stat.isDirectory()) {
      return own;
    }
    LayerDirectory[] contributors = merge.contributors(directories, index, name);
    try {
      return directoryNumber(contributors, stat);
    } finally {
      Merge.drop(contributors);
    }
  }
}
