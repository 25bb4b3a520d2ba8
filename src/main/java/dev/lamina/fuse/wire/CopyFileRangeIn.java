package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_copy_file_range_in}. */
public final class CopyFileRangeIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 56;

  private static final int HANDLE_IN = 0;
  private static final int OFFSET_IN = 8;
  private static final int NODEID_OUT = 16;
  private static final int HANDLE_OUT = 24;
  private static final int OFFSET_OUT = 32;
  private static final int LENGTH = 40;
  private static final int FLAGS = 48;

  private CopyFileRangeIn() {}

  public static long handleIn(long address) {
    return Memory.getLong(address + HANDLE_IN);
  }

  public static long offsetIn(long address) {
    return Memory.getLong(address + OFFSET_IN);
  }

  public static long nodeidOut(long address) {
    return Memory.getLong(address + NODEID_OUT);
  }

  public static long handleOut(long address) {
    return Memory.getLong(address + HANDLE_OUT);
  }

  public static long offsetOut(long address) {
    return Memory.getLong(address + OFFSET_OUT);
  }

  public static long length(long address) {
    return Memory.getLong(address + LENGTH);
  }

  public static long flags(long address) {
    return Memory.getLong(address + FLAGS);
  }
}
