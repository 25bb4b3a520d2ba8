package dev.lamina.fuse.libfuse;

/**
 * One counted lookup of a node, shared by the threads that use it. It is given back when the
 * reference has been dropped and the last user has released it.
 */
class NodeReference {
  private final long nodeid;
  private int users;
  private boolean dropped;

  NodeReference(long nodeid) {
    this.nodeid = nodeid;
  }

  final long nodeid() {
    return nodeid;
  }

  /**
   * Adds a user. The caller holds the lock of the table that contains the reference, so that it
   * cannot be dropped.
   */
  final synchronized void acquire() {
    users++;
  }

  /** Removes a user; returns true if the caller has to give the lookup back. */
  final synchronized boolean release() {
    users--;
    return dropped && users == 0;
  }

  /**
   * Marks the reference as not findable any more; returns true if the caller has to give the lookup
   * back.
   */
  final synchronized boolean drop() {
    dropped = true;
    return users == 0;
  }
}
