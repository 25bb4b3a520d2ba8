package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_fallocate_in}. */
public final class FallocateIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 32;

  private static final int HANDLE = 0;
  private static final int OFFSET = 8;
  private static final int LENGTH = 16;
  private static final int MODE = 24;

  private FallocateIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  public static long offset(long address) {
    return Memory.getLong(address + OFFSET);
  }

  public static long length(long address) {
    return Memory.getLong(address + LENGTH);
  }

  /** Returns the mode of fallocate(2). */
  public static int mode(long address) {
    return Memory.getInt(address + MODE);
  }
}
