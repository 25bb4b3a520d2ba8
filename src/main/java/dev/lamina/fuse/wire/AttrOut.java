package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_attr_out}. */
public final class AttrOut {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 104;

  /** Offset of the {@link Attr}. */
  public static final int ATTR = 16;

  private static final int ATTR_VALID = 0;
  private static final int ATTR_VALID_NANOS = 8;

  private AttrOut() {}

  /** Seconds. */
  public static void attrValid(long address, long value) {
    Memory.putLong(address + ATTR_VALID, value);
  }

  public static void attrValidNanos(long address, int value) {
    Memory.putInt(address + ATTR_VALID_NANOS, value);
  }
}
