package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_notify_retrieve_out}. */
public final class RetrieveOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 32;

  private static final int UNIQUE = 0;
  private static final int NODEID = 8;
  private static final int OFFSET = 16;
  private static final int SIZE = 24;
  private static final int PADDING = 28;

  private RetrieveOut() {}

  /**
   * Writes the whole structure.
   *
   * @param unique the number for the request that the kernel answers with
   */
  public static void write(long address, long unique, long nodeid, long offset, int size) {
    Memory.putLong(address + UNIQUE, unique);
    Memory.putLong(address + NODEID, nodeid);
    Memory.putLong(address + OFFSET, offset);
    Memory.putInt(address + SIZE, size);
    Memory.putInt(address + PADDING, 0);
  }
}
