package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_notify_store_out}, which the data follows. */
public final class StoreOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 24;

  private static final int NODEID = 0;
  private static final int OFFSET = 8;
  private static final int SIZE = 16;
  private static final int PADDING = 20;

  private StoreOut() {}

  /** Writes the whole structure. */
  public static void write(long address, long nodeid, long offset, int size) {
    Memory.putLong(address + NODEID, nodeid);
    Memory.putLong(address + OFFSET, offset);
    Memory.putInt(address + SIZE, size);
    Memory.putInt(address + PADDING, 0);
  }
}
