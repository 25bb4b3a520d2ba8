package dev.lamina.fuse;

import dev.lamina.sys.Stat;

/** Attributes of an object, as the answer to GETATTR and SETATTR. Reused for every request. */
public class AttrReply {
  /** How long the kernel may take these attributes for true, in seconds. */
  public long attrValidSeconds;

  /** The attributes; {@code ino} is the number that users see, never 0. */
  public final Stat stat = new Stat();
}
