package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_write_in}; the data follows. */
public final class WriteIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 40;

  /** FUSE_WRITE_KILL_SUIDGID: writing clears setuid and setgid. */
  public static final int KILL_SUIDGID = 4;

  private static final int HANDLE = 0;
  private static final int OFFSET = 8;
  private static final int SIZE = 16;
  private static final int WRITE_FLAGS = 20;

  private WriteIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  public static long offset(long address) {
    return Memory.getLong(address + OFFSET);
  }

  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }

  /** Returns {@code FUSE_WRITE_} flags. */
  public static int writeFlags(long address) {
    return Memory.getInt(address + WRITE_FLAGS);
  }
}
