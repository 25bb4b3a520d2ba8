package dev.lamina.fuse.libfuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What is open, by the number that libfuse and the kernel know it by. Looking up takes no lock: a
 * file's number comes back only after OPEN was answered with it.
 */
final class OpenFiles {
  private static final int INITIAL_SIZE = 64;

  private volatile AtomicReferenceArray<OpenFile> files = new AtomicReferenceArray<>(INITIAL_SIZE);

  /** How many open files there are of a node. */
  private final Map<Long, Integer> byNode = new HashMap<>();

  /** Slots below {@link #used} that are free again, {@link #freeCount} of them. */
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
   * @throws ErrnoException EBADF for a number that is none
   */
  OpenFile get(long number) throws ErrnoException {
    AtomicReferenceArray<OpenFile> current = files;
    OpenFile file = number > 0 && number <= current.length() ? current.get((int) number - 1) : null;
    if (file == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return file;
  }

  /** The same, and the number is free again. */
  synchronized OpenFile remove(long number) throws ErrnoException {
    OpenFile file = get(number);
    int slot = (int) number - 1;
    files.set(slot, null);
    free[freeCount++] = slot;
    byNode.computeIfPresent(file.nodeid(), (node, count) -> count == 1 ? null : count - 1);
    return file;
  }

  /** True while any open file is of this node. */
  synchronized boolean isOpen(long nodeid) {
    return byNode.containsKey(nodeid);
  }

  /** Takes out all that is open. */
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
