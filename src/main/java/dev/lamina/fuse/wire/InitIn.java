package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_init_in}. */
public final class InitIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 64;

  /** The size of the structure in bytes without the second half of the flags. */
  public static final int OLD_SIZE = 16;

  private static final int MAJOR = 0;
  private static final int MINOR = 4;
  private static final int MAX_READAHEAD = 8;
  private static final int FLAGS = 12;
  private static final int FLAGS2 = 16;

  private InitIn() {}

  public static int major(long address) {
    return Memory.getInt(address + MAJOR);
  }

  public static int minor(long address) {
    return Memory.getInt(address + MINOR);
  }

  public static int maxReadahead(long address) {
    return Memory.getInt(address + MAX_READAHEAD);
  }

  /** Returns the lower half of the {@link InitFlags}. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /**
   * Returns the upper half of the {@link InitFlags}; valid with {@link InitFlags#INIT_EXT} only.
   */
  public static int flags2(long address) {
    return Memory.getInt(address + FLAGS2);
  }
}
