package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_forget_in}. */
public final class ForgetIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int LOOKUPS = 0;

  private ForgetIn() {}

  public static long lookups(long address) {
    return Memory.getLong(address + LOOKUPS);
  }
}
