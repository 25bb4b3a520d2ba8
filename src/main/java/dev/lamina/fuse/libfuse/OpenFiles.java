package dev.lamina.fuse.libfuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The open files and directories by the numbers that libfuse and the kernel use for them. Finding
 * one takes no lock, since its number comes back only after OPEN has been answered with it.
 */
final class OpenFiles {
  private static final int INITIAL_SIZE = 64;

  private volatile AtomicReferenceArray<OpenFile> files = new AtomicReferenceArray<>(INITIAL_SIZE);

  /** The number of open files of each node. */
  private final Map<Long, Integer> byNode = new HashMap<>();

  /** The {@link #freeCount} slots below {@link #used} that are free again. */
  private int[] free = new int[INITIAL_SIZE];

  private int freeCount;
  private int used;

  /** Adds a file and returns its number, never 0. */
  synchronized long add(OpenFile file) {
    int slot;
    if (freeCount > 0) {
      slot = free[--freeCount];
    } else {
      slot = used++;
      if (slot == files.length()) {
        grow();
      }
    }
    files.set(slot, file);
    byNode.merge(file.nodeid(), 1, Integer::sum);
    return slot + 1L;
  }

  /**
   * Finds a file by its number.
   *
   * @throws ErrnoException EBADF if no file has the number
   */
  OpenFile get(long number) throws ErrnoException {
    AtomicReferenceArray<OpenFile> current = files;
    OpenFile file = number > 0 && number <= current.length() ? current.get((int) number - 1) : null;
    if (file == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return file;
  }

  /** Removes a file by its number, which becomes free. */
  synchronized OpenFile remove(long number) throws ErrnoException {
    OpenFile file = get(number);
    int slot = (int) number - 1;
    files.set(slot, null);
    free[freeCount++] = slot;
    byNode.computeIfPresent(file.nodeid(), (node, count) -> count == 1 ? null : count - 1);
    return file;
  }

  /** Returns true while the node has an open file. */
  synchronized boolean isOpen(long nodeid) {
    return byNode.containsKey(nodeid);
  }

  /** Removes all open files and returns them. */
  synchronized List<OpenFile> removeAll() {
    List<OpenFile> all = new ArrayList<>();
    for (int slot = 0; slot < used; slot++) {
      OpenFile file = files.getAndSet(slot, null);
      if (file != null) {
        all.add(file);
      }
    }
    byNode.clear();
    used = 0;
    freeCount = 0;
    return all;
  }

  private void grow() {
    AtomicReferenceArray<OpenFile> larger = new AtomicReferenceArray<>(2 * files.length());
    for (int slot = 0; slot < files.length(); slot++) {
      larger.set(slot, files.get(slot));
    }
    free = new int[larger.length()];
    files = larger;
  }
}
