package dev.lamina.union.inode;

import dev.lamina.sys.ErrnoException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;

/**
 * Takes the monitors of several inodes in the order of their nodeids, the only order in which they
 * are ever taken.
 *
 * <p>An action that fails may have changed a directory before it failed, if only for a moment in
 * which it was listed. A failure therefore counts as a change ({@link Inode#countChange}).
 */
public final class Locks {
  /** An action that is done under the locks. */
  @FunctionalInterface
  public interface Action<T> {
    T run() throws ErrnoException;
  }

  private static final Comparator<Inode> ORDER = Comparator.comparingLong(inode -> inode.nodeid);

  private Locks() {}

  /** Runs an action under two monitors; {@code b} may be null or equal to {@code a}. */
  public static <T> T hold(Inode a, Inode b, Action<T> action) throws ErrnoException {
    boolean swap = b != null && b.nodeid < a.nodeid;
    Inode first = swap ? b : a;
    Inode second = b == null || swap ? a : b;
    synchronized (first) {
      synchronized (second) {
        return run(action, first, second);
      }
    }
  }

  private static <T> T run(Action<T> action, Inode... held) throws ErrnoException {
    try {
      return action.run();
    } catch (ErrnoException | RuntimeException | Error e) {
      for (Inode inode : held) {
        inode.countChange();
      }
      throw e;
    }
  }

  /** Runs an action under any number of monitors; some may be null or equal. */
  public static <T> T holdAll(Action<T> action, Inode... inodes) throws ErrnoException {
    Inode[] ordered =
        Arrays.stream(inodes).filter(Objects::nonNull).sorted(ORDER).toArray(Inode[]::new);
    return hold(ordered, 0, action);
  }

  private static <T> T hold(Inode[] ordered, int index, Action<T> action) throws ErrnoException {
    if (index == ordered.length) {
      return run(action, ordered);
    }
    synchronized (ordered[index]) {
      return hold(ordered, index + 1, action);
    }
  }
}
