package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_forget_one}. */
public final class ForgetOne {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int NODEID = 0;
  private static final int LOOKUPS = 8;

  private ForgetOne() {}

  public static long nodeid(long address) {
    return Memory.getLong(address + NODEID);
  }

  public static long lookups(long address) {
    return Memory.getLong(address + LOOKUPS);
  }
}
