package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_write_out}: WRITE and COPY_FILE_RANGE. */
public final class WriteOut {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 8;

  private static final int SIZE = 0;

  private WriteOut() {}

  /** Bytes done. */
  public static void size(long address, int value) {
    Memory.putInt(address + SIZE, value);
  }
}
