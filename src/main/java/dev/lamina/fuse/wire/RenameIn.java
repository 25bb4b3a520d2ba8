package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_rename2_in}; RENAME has only the first field. Both names
 * follow.
 */
public final class RenameIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  /** The size of the older structure, which RENAME has, in bytes. */
  public static final int OLD_SIZE = 8;

  private static final int NEW_DIRECTORY = 0;
  private static final int FLAGS = 8;

  private RenameIn() {}

  /** Returns the nodeid of the new directory. */
  public static long newDirectory(long address) {
    return Memory.getLong(address + NEW_DIRECTORY);
  }

  /** Returns {@code RENAME_} flags of renameat2(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }
}
