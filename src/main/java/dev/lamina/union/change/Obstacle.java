package dev.lamina.union.change;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.Inode;

/** What the upper has in the place of a name that is to be created. */
enum Obstacle {
  NONE,

  /** A whiteout that has the name itself. */
  WHITEOUT,

  /** A whiteout beside the name, a file {@code .wh.NAME}. */
  WHITEOUT_BESIDE;

  /**
   * Finds the obstacle in the place of a name that must be free. Needs the directory's monitor.
   *
   * @param directory a directory that has an upper part
   * @param stat scratch space
   * @throws ErrnoException EEXIST if the name exists, ENOENT if the directory has been removed
   */
  static Obstacle find(Merge merge, Inode directory, byte[] name, Stat stat) throws ErrnoException {
    checkExists(directory);
    LayerDirectory[] directories = directory.contributors();
    int found = merge.find(directories, 0, name, stat);
    if (found >= 0) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    if (found == Merge.MISSING) {
      return NONE;
    }
    int result = directories[0].stat(name, stat);
    if (result == 0) {
      return WHITEOUT;
    }
    if (result != -Errno.ENOENT) {
      throw ErrnoException.of(-result);
    }
    return Whiteouts.isHiddenByPrefix(directories[0], name) ? WHITEOUT_BESIDE : NONE;
  }

  /**
   * Checks that a directory has not been removed.
   *
   * @throws ErrnoException ENOENT if it has
   */
  static void checkExists(Inode directory) throws ErrnoException {
    if (directory.isRemoved()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  /**
   * Removes a whiteout beside a name that exists by now: it hides nothing that the name does not.
   */
  void removeBeside(int dirfd, byte[] name) {
    if (this == WHITEOUT_BESIDE) {
      Linux.unlinkat(dirfd, Whiteouts.prefixed(name), 0);
    }
  }
}
