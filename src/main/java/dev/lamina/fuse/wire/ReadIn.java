package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_read_in}: READ, READDIR and READDIRPLUS. */
public final class ReadIn {
  /** The size of the structure in bytes. */
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

  /** Returns the number of bytes wanted. */
  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }
}
