package dev.lamina.fuse;

import dev.lamina.sys.Stat;

/**
 * The attributes of an object, which answer GETATTR and SETATTR. One object is reused for all
 * requests of a thread.
 */
public class AttrReply {
  /** How long the kernel may cache these attributes, in seconds. */
  public long attrValidSeconds;

  /** The attributes. {@code ino} is the inode number that users see; it is never 0. */
  public final Stat stat = new Stat();
}
