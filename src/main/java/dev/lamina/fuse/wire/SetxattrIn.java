package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_setxattr_in} as it is with FUSE_SETXATTR_EXT; name and value
 * follow.
 */
public final class SetxattrIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  /** The size of the structure without FUSE_SETXATTR_EXT, in bytes. */
  public static final int OLD_SIZE = 8;

  /** FUSE_SETXATTR_ACL_KILL_SGID: setting this access control list clears setgid. */
  public static final int ACL_KILL_SGID = 1;

  private static final int SIZE = 0;
  private static final int FLAGS = 4;
  private static final int SETXATTR_FLAGS = 8;

  private SetxattrIn() {}

  /** Returns the size of the value in bytes. */
  public static int size(long address) {
    return Memory.getInt(address + SIZE);
  }

  /** Returns {@code XATTR_} flags of setxattr(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /** Returns {@code FUSE_SETXATTR_} flags. */
  public static int setxattrFlags(long address) {
    return Memory.getInt(address + SETXATTR_FLAGS);
  }
}
