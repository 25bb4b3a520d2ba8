package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_getxattr_out}: the length, where that was asked for. */
public final class GetxattrOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int SIZE = 0;

  private GetxattrOut() {}

  public static void size(long address, int value) {
    Memory.putInt(address + SIZE, value);
  }
}
