package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * {@code struct fuse_statx_out}, since 7.39; at {@link #STAT} the kernel's {@code struct statx}.
 */
public final class StatxOut {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 288;

  /** Offset of the {@code struct statx}. */
  public static final int STAT = 32;

  private static final int ATTR_VALID = 0;
  private static final int ATTR_VALID_NANOS = 8;

  private StatxOut() {}

  /** Seconds. */
  public static void attrValid(long address, long value) {
    Memory.putLong(address + ATTR_VALID, value);
  }

  public static void attrValidNanos(long address, int value) {
    Memory.putInt(address + ATTR_VALID_NANOS, value);
  }
}
