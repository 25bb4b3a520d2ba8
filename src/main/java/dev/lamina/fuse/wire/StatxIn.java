package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_statx_in}, since 7.39. */
public final class StatxIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 24;

  private static final int FLAGS = 0;
  private static final int HANDLE = 8;
  private static final int MASK = 20;

  private StatxIn() {}

  /** Returns 0 or {@link GetattrIn#FH_VALID}. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  /** Returns the {@code STATX_} bits of the attributes that are wanted. */
  public static int mask(long address) {
    return Memory.getInt(address + MASK);
  }
}
