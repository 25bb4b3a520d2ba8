package dev.lamina.layer;

import java.util.ArrayList;
import java.util.List;

/**
 * Limits the number of descriptors that directories hold open, so that any number of directories
 * can be known within RLIMIT_NOFILE. When there are too many, the clock algorithm closes one that
 * was not used since the hand last passed it; the directory opens it again when it is needed.
 *
 * <p>Lock order: the monitor of a directory may be held when that of the cache is taken, never the
 * other way round.
 */
public final class DescriptorCache {
  private final int capacity;
  private final List<FdDirectory> open = new ArrayList<>();
  private int hand;

  /**
   * @param capacity the number of descriptors that may stay open without being in use
   */
  public DescriptorCache(int capacity) {
    this.capacity = capacity;
  }

  synchronized void add(FdDirectory directory) {
    directory.cacheSlot = open.size();
    open.add(directory);
  }

  synchronized void remove(FdDirectory directory) {
    FdDirectory last = open.remove(open.size() - 1);
    if (last != directory) {
      open.set(directory.cacheSlot, last);
      last.cacheSlot = directory.cacheSlot;
    }
    directory.cacheSlot = -1;
  }

  /** Closes descriptors until no more than allowed are open, or all are in use. */
  void trim() {
    FdDirectory victim = victim();
    // Few are in use, at most as many as there are threads. After more failures in a row than were
    // open, all are in use.
    int patience = victim == null ? 0 : size();
    while (victim != null && patience > 0) {
      if (!victim.evict()) {
        patience--;
      }
      victim = victim();
    }
  }

  private synchronized int size() {
    return open.size();
  }

  private synchronized FdDirectory victim() {
    int excess = open.size() - capacity;
    // Two rounds: the first may only clear the marks of use.
    for (int tries = 2 * open.size(); excess > 0 && tries > 0; tries--) {
      if (hand >= open.size()) {
        hand = 0;
      }
      FdDirectory candidate = open.get(hand++);
      if (candidate.isIdle()) {
        return candidate;
      }
    }
    return null;
  }
}
