package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_link_in}; the new name follows. */
public final class LinkIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int OLD_NODEID = 0;

  private LinkIn() {}

  public static long oldNodeid(long address) {
    return Memory.getLong(address + OLD_NODEID);
  }
}
