package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_ioctl_out}; the data that goes out follows. */
public final class IoctlOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int RESULT = 0;

  private IoctlOut() {}

  public static void result(long address, int value) {
    Memory.putInt(address + RESULT, value);
  }
}
