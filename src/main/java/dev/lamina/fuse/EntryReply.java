package dev.lamina.fuse;

/**
 * The object of a name, which answers LOOKUP and all requests that make a name. An answer with a
 * nodeid that is not 0 counts as one lookup, which the kernel gives back with FORGET. One object is
 * reused for all requests of a thread.
 */
public final class EntryReply extends AttrReply {
  /** The nodeid of the object; 0 says that the name does not exist (a negative entry). */
  public long nodeid;

  /** Distinguishes two objects that had the same nodeid; constant if nodeids are not reused. */
  public long generation;

  /**
   * How long the kernel may cache that the name leads to this object, or does not exist, in
   * seconds.
   */
  public long entryValidSeconds;

  /** Returns true for a negative entry: the name does not exist. */
  public boolean isNegative() {
    return nodeid == 0;
  }

  /** Makes this a negative entry: the name does not exist. */
  public void setNegative(long validSeconds) {
    nodeid = 0;
    entryValidSeconds = validSeconds;
  }
}
