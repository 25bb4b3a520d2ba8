package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_notify_inval_entry_out}; the name and a NUL follow. */
public final class InvalidateEntryOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int PARENT = 0;
  private static final int NAME_LENGTH = 8;
  private static final int FLAGS = 12;

  private InvalidateEntryOut() {}

  /** Sets the nodeid of the directory. */
  public static void parent(long address, long value) {
    Memory.putLong(address + PARENT, value);
  }

  /** Sets the length of the name without the NUL. */
  public static void nameLength(long address, int value) {
    Memory.putInt(address + NAME_LENGTH, value);
  }

  public static void flags(long address, int value) {
    Memory.putInt(address + FLAGS, value);
  }
}
