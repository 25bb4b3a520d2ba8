package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_lseek_out}. */
public final class LseekOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int OFFSET = 0;

  private LseekOut() {}

  public static void offset(long address, long value) {
    Memory.putLong(address + OFFSET, value);
  }
}
