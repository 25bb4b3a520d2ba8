package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_getxattr_in}: GETXATTR, whose name follows, and LISTXATTR. */
public final class GetxattrIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 8;

  private static final int SIZE = 0;

  private GetxattrIn() {}

  /** Bytes there is room for; 0 asks for the length. */
  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }
}
