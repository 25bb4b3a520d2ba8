package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_read_in}: READ, READDIR and READDIRPLUS. */
public final class ReadIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 40;

  private static final int HANDLE = 0;
  private static final int OFFSET = 8;
  private static final int SIZE = 16;

  private ReadIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  public static long offset(long address) {
    return Memory.getLong(address + OFFSET);
  }

  /** Bytes wanted. */
  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }
}
