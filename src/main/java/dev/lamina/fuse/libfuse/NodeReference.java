package dev.lamina.fuse.libfuse;

/**
 * One counted lookup of a node, shared by the threads that are using it: it is given back when it
 * has been dropped and the last user has released it.
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

  /** Becomes a user; the caller knows that it is not dropped, by the lock of the table it is in. */
  final synchronized void acquire() {
    users++;
  }

  /** Ends one use; true when the caller is to give the lookup back. */
  final synchronized boolean release() {
    users--;
    return dropped && users == 0;
  }

  /** Says that no one can find it any more; true when the caller is to give the lookup back. */
  final synchronized boolean drop() {
    dropped = true;
    return users == 0;
  }
}
