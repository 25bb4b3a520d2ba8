package dev.lamina.layer;

import java.util.ArrayList;
import java.util.List;

/**
 * Bounds the number of descriptors that directories hold open, so that any number of directories
 * can be known within RLIMIT_NOFILE. When there are too many, one that was not used since the clock
 * hand came by last is closed; it opens again when it is needed.
 *
 * <p>Locks: a directory's monitor may be held when the cache's is taken, never the other way round.
 */
public final class DescriptorCache {
  private final int capacity;
  private final List<FdDirectory> open = new ArrayList<>();
  private int hand;

  /**
   * @param capacity how many descriptors may stay open without being in use
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

  /** Closes descriptors until there are no more than allowed, or all are in use. */
  void trim() {
    FdDirectory victim = victim();
    // Those in use are few, as many as threads; more of them in a row than were open are all.
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
    // Twice round: the first time may only take the marks of use away.
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
