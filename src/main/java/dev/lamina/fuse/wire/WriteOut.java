package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_write_out}: WRITE and COPY_FILE_RANGE. */
public final class WriteOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int SIZE = 0;

  private WriteOut() {}

  /** Sets the number of bytes written or copied. */
  public static void size(long address, int value) {
    Memory.putInt(address + SIZE, value);
  }
}
