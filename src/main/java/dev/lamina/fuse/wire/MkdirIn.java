package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_mkdir_in}; the name follows. */
public final class MkdirIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int MODE = 0;
  private static final int UMASK = 4;

  private MkdirIn() {}

  public static int mode(long address) {
    return Memory.getInt(address + MODE);
  }

  public static int umask(long address) {
    return Memory.getInt(address + UMASK);
  }
}
