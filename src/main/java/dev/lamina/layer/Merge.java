package dev.lamina.layer;

import dev.lamina.layer.Redirects.Redirect;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decides which layer a name comes from, and which layers make up a directory, by asking the layers
 * each time. {@link MergedListing} does so for all names of a directory. No other class knows these
 * rules.
 */
public final class Merge {
  /** The result for a name that no layer has. */
  public static final int MISSING = -1;

  /** The result for a name that a layer hides from those below it. */
  public static final int HIDDEN = -2;

  /**
   * How often layers are asked for a component of a path while the redirects of one object are
   * followed. This allows a path of 1000 names through 100 layers. Malicious layers, with redirects
   * to redirects on every level, would otherwise take for ever.
   */
  private static final int MOST_STEPS = 100_000;

  /** The steps that are left of {@link #MOST_STEPS}. */
  private static final class Budget {
    private int left = MOST_STEPS;

    void spend(int steps) throws ErrnoException {
      left -= steps;
      if (left < 0) {
        throw ErrnoException.of(Errno.ELOOP);
      }
    }
  }

  private final LayerStack stack;

  public Merge(LayerStack stack) {
    this.stack = stack;
  }

  /**
   * Finds a name in a merged directory.
   *
   * @param directories the real directories, topmost first
   * @param from the index of the first directory to ask
   * @param out receives the attributes of the object
   * @return the index in {@code directories} of the one that shows the name, {@link #MISSING} or
   *     {@link #HIDDEN}
   */
  public int find(LayerDirectory[] directories, int from, byte[] name, Stat out)
      throws ErrnoException {
    for (int i = from; i < directories.length; i++) {
      int result = directories[i].stat(name, out);
      if (result == 0) {
        return Whiteouts.isWhiteout(directories[i], name, out) ? HIDDEN : i;
      }
      // A layer on a file system that allows only shorter names does not have the name.
      if (result != -Errno.ENOENT && result != -Errno.ENAMETOOLONG) {
        throw ErrnoException.of(-result);
      }
      // Below the last directory there is nothing to hide.
      if (i < directories.length - 1) {
        if (Whiteouts.isHiddenByPrefix(directories[i], name)) {
          return HIDDEN;
        }
        // A directory that could not be searched in addBelow may be searchable now.
        if (Opaque.isOpaque(directories[i])) {
          return MISSING;
        }
      }
    }
    return MISSING;
  }

  /**
   * Returns the real directories that make up the root directory.
   *
   * @param from the index of the topmost layer to include
   * @return the directories, topmost first, each with a reference for the caller; none if there is
   *     no layer
   */
  public LayerDirectory[] root(int from) throws ErrnoException {
    LayerDirectory[] roots = stack.roots(from);
    int count = Math.min(1, roots.length);
    try {
      while (count < roots.length && !Opaque.isOpaque(roots[count - 1])) {
        count++;
      }
    } catch (ErrnoException e) {
      drop(roots);
      throw e;
    }
    for (int i = count; i < roots.length; i++) {
      roots[i].drop();
    }
    return Arrays.copyOf(roots, count);
  }

  /**
   * Returns true if a layer below the first shows the name, so that the upper must hide it to
   * remove it.
   */
  public boolean isBelow(LayerDirectory[] directories, byte[] name, Stat scratch)
      throws ErrnoException {
    return directories.length > 1 && find(directories, 1, name, scratch) >= 0;
  }

  /**
   * Returns the real directories that make up a directory.
   *
   * @param directories the real directories of its parent
   * @param index the index of the one in which {@link #find} has found it
   * @return the directories, topmost first, each with a reference for the caller
   * @throws ErrnoException ELOOP if there are too many redirects
   */
  public LayerDirectory[] contributors(LayerDirectory[] directories, int index, byte[] name)
      throws ErrnoException {
    return contributors(directories, index, name, new Budget());
  }

  private LayerDirectory[] contributors(
      LayerDirectory[] directories, int index, byte[] name, Budget budget) throws ErrnoException {
    List<LayerDirectory> found = new ArrayList<>();
    try {
      LayerDirectory top = directories[index].child(name);
      found.add(top);
      addBelow(found, directories, index, name, budget);
      return found.toArray(LayerDirectory[]::new);
    } catch (ErrnoException | RuntimeException | Error e) {
      found.forEach(LayerDirectory::drop);
      throw e;
    }
  }

  private void addBelow(
      List<LayerDirectory> found,
      LayerDirectory[] directories,
      int index,
      byte[] name,
      Budget budget)
      throws ErrnoException {
    LayerDirectory top = found.get(found.size() - 1);
    int last = stack.size() - 1;
    boolean nothingBelow = top.layer().index() == last;
    if (nothingBelow || isKnownOpaque(top)) {
      return;
    }
    if (Whiteouts.isHiddenByPrefix(directories[index], name)) {
      return;
    }
    Redirect redirect = Redirects.read(directories[index], name);
    if (redirect != null && redirect.absolute()) {
      LayerDirectory[] lower = walk(top.layer().index() + 1, redirect.components(), budget);
      found.addAll(List.of(lower));
      return;
    }
    byte[] below = redirect == null ? name : redirect.components().get(0);
    Stat stat = new Stat();
    int next = find(directories, index + 1, below, stat);
    if (next >= 0 && stat.isDirectory()) {
      found.add(directories[next].child(below));
      addBelow(found, directories, next, below, budget);
    }
  }

  /**
   * Returns whether a directory is opaque. One that the daemon may not search counts as not opaque
   * for now: neither its own names nor those below it are shown without asking it first, which
   * fails. If it becomes searchable later, {@link #find} asks it then.
   */
  public static boolean isKnownOpaque(LayerDirectory directory) throws ErrnoException {
    try {
      return Opaque.isOpaque(directory);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EACCES) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Returns the real directories at a path of the layers from {@code from} on; none if there is no
   * such directory.
   */
  private LayerDirectory[] walk(int from, List<byte[]> path, Budget budget) throws ErrnoException {
    LayerDirectory[] at = stack.roots(from);
    Stat stat = new Stat();
    for (byte[] name : path) {
      LayerDirectory[] next = {};
      try {
        budget.spend(at.length);
        int index = find(at, 0, name, stat);
        if (index >= 0 && stat.isDirectory()) {
          next = contributors(at, index, name, budget);
        }
      } finally {
        drop(at);
      }
      at = next;
    }
    return at;
  }

  /**
   * Returns true if an object that {@link #find} has found holds metadata only, so that {@link
   * #data} tells where its data is. On the lowest layer no object does, whatever its marks.
   */
  public boolean isMetacopy(LayerDirectory directory, byte[] name, Stat stat)
      throws ErrnoException {
    return stat.isRegular()
        && stat.size > 0
        && directory.layer().index() < stack.size() - 1
        && Redirects.isMetacopy(directory, name);
  }

  /**
   * Finds the data of a metacopy: the first file below it that is not a metacopy itself.
   *
   * @param directories the real directories of its directory
   * @param index the index of the one that holds the metadata
   * @return the place of the data, with a reference to the directory for the caller
   * @throws ErrnoException EIO if there is no such file, ELOOP if there are too many redirects
   */
  public Place data(LayerDirectory[] directories, int index, byte[] name) throws ErrnoException {
    return data(directories, index, name, new Budget());
  }

  private Place data(LayerDirectory[] directories, int index, byte[] name, Budget budget)
      throws ErrnoException {
    Redirect redirect = Redirects.read(directories[index], name);
    Stat stat = new Stat();
    LayerDirectory[] at = directories;
    int from = index + 1;
    byte[] target = name;
    boolean walked = false;
    if (redirect != null) {
      List<byte[]> path = redirect.components();
      target = path.get(path.size() - 1);
      if (redirect.absolute()) {
        int below = directories[index].layer().index() + 1;
        at = walk(below, path.subList(0, path.size() - 1), budget);
        from = 0;
        walked = true;
      }
    }
    try {
      int found = find(at, from, target, stat);
      if (found < 0 || !stat.isRegular()) {
        throw ErrnoException.of(Errno.EIO);
      }
      if (Redirects.isMetacopy(at[found], target)) {
        return data(at, found, target, budget);
      }
      return new Place(at[found].retain(), target);
    } finally {
      if (walked) {
        drop(at);
      }
    }
  }

  /** Drops a reference to each of several directories. */
  public static void drop(LayerDirectory[] directories) {
    for (LayerDirectory directory : directories) {
      directory.drop();
    }
  }
}
