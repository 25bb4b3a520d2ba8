package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_mknod_in}; the name follows. */
public final class MknodIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int MODE = 0;
  private static final int RDEV = 4;
  private static final int UMASK = 8;

  private MknodIn() {}

  public static int mode(long address) {
    return Memory.getInt(address + MODE);
  }

  /** Returns the device number in the encoding of {@link DeviceNumber}. */
  public static int rdev(long address) {
    return Memory.getInt(address + RDEV);
  }

  public static int umask(long address) {
    return Memory.getInt(address + UMASK);
  }
}
