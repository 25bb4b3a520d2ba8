package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_attr_out}. */
public final class AttrOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 104;

  /** The offset of the {@link Attr}. */
  public static final int ATTR = 16;

  private static final int ATTR_VALID = 0;
  private static final int ATTR_VALID_NANOS = 8;

  private AttrOut() {}

  /** Sets how long the kernel may cache it, in seconds. */
  public static void attrValid(long address, long value) {
    Memory.putLong(address + ATTR_VALID, value);
  }

  public static void attrValidNanos(long address, int value) {
    Memory.putInt(address + ATTR_VALID_NANOS, value);
  }
}
