package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_statfs_out}. */
public final class StatfsOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 80;

  private static final int BLOCKS = 0;
  private static final int BLOCKS_FREE = 8;
  private static final int BLOCKS_AVAILABLE = 16;
  private static final int FILES = 24;
  private static final int FILES_FREE = 32;
  private static final int BLOCK_SIZE = 40;
  private static final int NAME_LENGTH = 44;
  private static final int FRAGMENT_SIZE = 48;

  private StatfsOut() {}

  public static void blocks(long address, long value) {
    Memory.putLong(address + BLOCKS, value);
  }

  public static void blocksFree(long address, long value) {
    Memory.putLong(address + BLOCKS_FREE, value);
  }

  public static void blocksAvailable(long address, long value) {
    Memory.putLong(address + BLOCKS_AVAILABLE, value);
  }

  public static void files(long address, long value) {
    Memory.putLong(address + FILES, value);
  }

  public static void filesFree(long address, long value) {
    Memory.putLong(address + FILES_FREE, value);
  }

  public static void blockSize(long address, int value) {
    Memory.putInt(address + BLOCK_SIZE, value);
  }

  public static void nameLength(long address, int value) {
    Memory.putInt(address + NAME_LENGTH, value);
  }

  public static void fragmentSize(long address, int value) {
    Memory.putInt(address + FRAGMENT_SIZE, value);
  }
}
