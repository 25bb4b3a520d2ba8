package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_statx_out}, since 7.39; at {@link #STAT} the kernel's {@code
 * struct statx}.
 */
public final class StatxOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 288;

  /** The offset of the {@code struct statx}. */
  public static final int STAT = 32;

  private static final int ATTR_VALID = 0;
  private static final int ATTR_VALID_NANOS = 8;

  private StatxOut() {}

  /** Sets how long the kernel may cache it, in seconds. */
  public static void attrValid(long address, long value) {
    Memory.putLong(address + ATTR_VALID, value);
  }

  public static void attrValidNanos(long address, int value) {
    Memory.putInt(address + ATTR_VALID_NANOS, value);
  }
}
