package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_dirent}; the name follows, filled up to a multiple of 8
 * bytes.
 */
public final class Dirent {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 24;

  private static final int INO = 0;
  private static final int OFFSET = 8;
  private static final int NAME_LENGTH = 16;
  private static final int TYPE = 20;

  private Dirent() {}

  public static void ino(long address, long value) {
    Memory.putLong(address + INO, value);
  }

  /** Sets the offset of the next entry. */
  public static void offset(long address, long value) {
    Memory.putLong(address + OFFSET, value);
  }

  public static void nameLength(long address, int value) {
    Memory.putInt(address + NAME_LENGTH, value);
  }

  /** Sets the {@code DT_} value: the {@code S_IF} type shifted right by 12. */
  public static void type(long address, int value) {
    Memory.putInt(address + TYPE, value);
  }
}
