package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_getattr_in}. */
public final class GetattrIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  /** FUSE_GETATTR_FH: the handle is valid. */
  public static final int FH_VALID = 1;

  private static final int FLAGS = 0;
  private static final int HANDLE = 8;

  private GetattrIn() {}

  /** Returns 0 or {@link #FH_VALID}. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /** Returns the handle of an open file; valid with {@link #FH_VALID} only. */
  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }
}
