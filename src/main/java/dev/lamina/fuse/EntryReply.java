package dev.lamina.fuse;

/**
 * A name's object, as the answer to LOOKUP and to whatever makes a name. Answering with a nodeid
 * that is not 0 counts as one lookup, which the kernel gives back with FORGET. Reused for every
 * request.
 */
public final class EntryReply extends AttrReply {
  /** The object; 0 says that there is no such name (a negative entry). */
  public long nodeid;

  /** Tells apart two objects that had the same nodeid; constant where nodeids are not reused. */
  public long generation;

  /** How long the kernel may take the name for this object, or for missing, in seconds. */
  public long entryValidSeconds;

  /** True when the answer is that there is no such name. */
  public boolean isNegative() {
    return nodeid == 0;
  }

  /** Makes this the answer that there is no such name. */
  public void setNegative(long validSeconds) {
    nodeid = 0;
    entryValidSeconds = validSeconds;
  }
}
