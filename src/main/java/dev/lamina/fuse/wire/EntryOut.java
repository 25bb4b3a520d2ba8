package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_entry_out}: a name and its object. */
public final class EntryOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 128;

  /** The offset of the {@link Attr}. */
  public static final int ATTR = 40;

  private static final int NODEID = 0;
  private static final int GENERATION = 8;
  private static final int ENTRY_VALID = 16;
  private static final int ATTR_VALID = 24;
  private static final int ENTRY_VALID_NANOS = 32;
  private static final int ATTR_VALID_NANOS = 36;

  private EntryOut() {}

  public static long nodeid(long address) {
    return Memory.getLong(address + NODEID);
  }

  public static void nodeid(long address, long value) {
    Memory.putLong(address + NODEID, value);
  }

  public static void generation(long address, long value) {
    Memory.putLong(address + GENERATION, value);
  }

  /** Sets how long the kernel may cache it, in seconds. */
  public static void entryValid(long address, long value) {
    Memory.putLong(address + ENTRY_VALID, value);
  }

  /** Sets how long the kernel may cache it, in seconds. */
  public static void attrValid(long address, long value) {
    Memory.putLong(address + ATTR_VALID, value);
  }

  public static void entryValidNanos(long address, int value) {
    Memory.putInt(address + ENTRY_VALID_NANOS, value);
  }

  public static void attrValidNanos(long address, int value) {
    Memory.putInt(address + ATTR_VALID_NANOS, value);
  }
}
