package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_lseek_in}. */
public final class LseekIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 24;

  private static final int HANDLE = 0;
  private static final int OFFSET = 8;
  private static final int WHENCE = 16;

  private LseekIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  public static long offset(long address) {
    return Memory.getLong(address + OFFSET);
  }

  /** Returns SEEK_DATA or SEEK_HOLE. */
  public static int whence(long address) {
    return Memory.getInt(address + WHENCE);
  }
}
