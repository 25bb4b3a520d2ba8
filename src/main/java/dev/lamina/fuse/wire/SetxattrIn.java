package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_setxattr_in} as it is with FUSE_SETXATTR_EXT; name and value follow. */
public final class SetxattrIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 16;

  /** Bytes of the structure without FUSE_SETXATTR_EXT. */
  public static final int OLD_SIZE = 8;

  /** FUSE_SETXATTR_ACL_KILL_SGID: setting this list takes setgid away. */
  public static final int ACL_KILL_SGID = 1;

  private static final int SIZE = 0;
  private static final int FLAGS = 4;
  private static final int SETXATTR_FLAGS = 8;

  private SetxattrIn() {}

  /** Bytes of the value. */
  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }

  /** {@code XATTR_} flags of setxattr(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /** {@code FUSE_SETXATTR_} flags. */
  public static int setxattrFlags(long address) {
    return Memory.getInt(address + SETXATTR_FLAGS);
  }
}
