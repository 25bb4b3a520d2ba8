package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_fsync_in}: FSYNC and FSYNCDIR. */
public final class FsyncIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  /** FUSE_FSYNC_FDATASYNC: only data is to be written. */
  public static final int DATA_ONLY = 1;

  private static final int HANDLE = 0;
  private static final int FLAGS = 8;

  private FsyncIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  /** Returns 0 or {@link #DATA_ONLY}. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }
}
