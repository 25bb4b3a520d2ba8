package dev.lamina.layer;

import dev.lamina.layer.Redirects.Redirect;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decides which layer a name comes from and which layers make up a directory. It always asks the
 * layers. For all names of a directory, {@link MergedListing} does; nobody else knows the rules.
 */
public final class Merge {
  /** No layer has the name. */
  public static final int MISSING = -1;

  /** A layer hides the name from those below it. */
  public static final int HIDDEN = -2;

  /**
   * How often layers are asked for one component of a redirect, in following all the redirects that
   * one object leads to. A path of 1000 names through 100 layers takes as much; layers made to do
   * harm, with redirects to redirects on every level, would take for ever.
   */
  private static final int MOST_STEPS = 100_000;

  /** The steps left of {@link #MOST_STEPS}. */
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
   * @param directories topmost first
   * @param from the first of them to ask
   * @param out gets the attributes of what is found
   * @return the index in {@code directories} of the one that shows it, {@link #MISSING} or {@link
   *     #HIDDEN}
   */
  public int find(LayerDirectory[] directories, int from, byte[] name, Stat out)
      throws ErrnoException {
    for (int i = from; i < directories.length; i++) {
      int result = directories[i].stat(name, out);
      if (result == 0) {
        return Whiteouts.isWhiteout(directories[i], name, out) ? HIDDEN : i;
      }
      // A layer may be on a file system with shorter names, and then has no such name.
      if (result != -Errno.ENOENT && result != -Errno.ENAMETOOLONG) {
        throw ErrnoException.of(-result);
      }
      // Nothing is below the last one that could be hidden.
      if (i < directories.length - 1) {
        if (Whiteouts.isHiddenByPrefix(directories[i], name)) {
          return HIDDEN;
        }
        // See addBelow: of one that could not be searched then, this can be told now.
        if (Opaque.isOpaque(directories[i])) {
          return MISSING;
        }
      }
    }
    return MISSING;
  }

  /**
   * The real directories that make up the root directory of the layers from one on.
   *
   * @param from the index of the topmost layer that counts
   * @return topmost first, each with a reference that is the caller's; none where there is no layer
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

  /** True when a layer below the first shows the name: the upper must hide it to remove it. */
  public boolean isBelow(LayerDirectory[] directories, byte[] name, Stat scratch)
      throws ErrnoException {
    return directories.length > 1 && find(directories, 1, name, scratch) >= 0;
  }

  /**
   * The real directories that make up a directory.
   *
   * @param directories those of its parent
   * @param index the one of them in which {@link #find} found it
   * @return topmost first, each with a reference that is the caller's
   * @throws ErrnoException ELOOP where redirects lead too far
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
   * One that the daemon may not search counts as not opaque for now: neither its own names nor
   * those below it are shown without asking it first, which fails. Should it be allowed later, it
   * is asked then ({@link #find}).
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
   * The merged directory at a path of the layers from {@code from} on; none where there is no such
   * directory.
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
   * True when an object that {@link #find} has found holds metadata only, so that {@link #data}
   * tells where its data lies. On the lowest layer none does, whatever it is marked with.
   */
  public boolean isMetacopy(LayerDirectory directory, byte[] name, Stat stat)
      throws ErrnoException {
    return stat.isRegular()
        && stat.size > 0
        && directory.layer().index() < stack.size() - 1
        && Redirects.isMetacopy(directory, name);
  }

  /**
   * Where the data of a metacopy lies: the first file below that is none itself.
   *
   * @param directories those of its directory
   * @param index the one of them that holds the metadata
   * @return with a reference to the directory that is the caller's
   * @throws ErrnoException EIO where there is no such file, ELOOP where redirects lead too far
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

  public static void drop(LayerDirectory[] directories) {
    for (LayerDirectory directory : directories) {
      directory.drop();
    }
  }
}
