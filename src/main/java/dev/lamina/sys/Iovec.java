package dev.lamina.sys;

/**
 * The accessors of {@code struct iovec} of readv(2), which describes a part of the memory that a
 * call reads or fills.
 */
public final class Iovec {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int BASE = 0;
  private static final int LENGTH = 8;

  private Iovec() {}

  /** Returns the address of the part's first byte. */
  public static long base(long struct) {
    return Memory.getLong(struct + BASE);
  }

  /** Writes the whole structure. */
  public static void write(long struct, long base, long length) {
    Memory.putLong(struct + BASE, base);
    Memory.putLong(struct + LENGTH, length);
  }
}
