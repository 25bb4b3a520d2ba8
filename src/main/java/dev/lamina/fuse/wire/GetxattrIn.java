package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_getxattr_in}: GETXATTR, whose name follows, and LISTXATTR.
 */
public final class GetxattrIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int SIZE = 0;

  private GetxattrIn() {}

  /** Returns the bytes that the caller has room for; 0 asks for the length. */
  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }
}
