package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_link_in}; the new name follows. */
public final class LinkIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 8;

  private static final int OLD_NODEID = 0;

  private LinkIn() {}

  public static long oldNodeid(long address) {
    return Memory.getLong(address + OLD_NODEID);
  }
}
