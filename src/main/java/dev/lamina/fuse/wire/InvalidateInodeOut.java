package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_notify_inval_inode_out}. */
public final class InvalidateInodeOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 24;

  private static final int NODEID = 0;
  private static final int OFFSET = 8;
  private static final int LENGTH = 16;

  private InvalidateInodeOut() {}

  public static void nodeid(long address, long value) {
    Memory.putLong(address + NODEID, value);
  }

  /** Sets the offset of the cached data to drop; a negative one drops attributes only. */
  public static void offset(long address, long value) {
    Memory.putLong(address + OFFSET, value);
  }

  public static void length(long address, long value) {
    Memory.putLong(address + LENGTH, value);
  }
}
