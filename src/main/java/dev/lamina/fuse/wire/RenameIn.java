package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_rename2_in}; RENAME has only the first field. Both names follow. */
public final class RenameIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 16;

  /** Bytes of the older structure, RENAME's. */
  public static final int OLD_SIZE = 8;

  private static final int NEW_DIRECTORY = 0;
  private static final int FLAGS = 8;

  private RenameIn() {}

  /** Nodeid. */
  public static long newDirectory(long address) {
    return Memory.getLong(address + NEW_DIRECTORY);
  }

  /** {@code RENAME_} flags of renameat2(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }
}
