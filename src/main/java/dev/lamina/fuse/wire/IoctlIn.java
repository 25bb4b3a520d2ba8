package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_ioctl_in}; the data that goes in follows. */
public final class IoctlIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 32;

  /** FUSE_IOCTL_DIR: the ioctl is made on a directory. */
  public static final int DIRECTORY = 16;

  private static final int HANDLE = 0;
  private static final int FLAGS = 8;
  private static final int COMMAND = 12;
  private static final int IN_SIZE = 24;
  private static final int OUT_SIZE = 28;

  private IoctlIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  /** Returns {@code FUSE_IOCTL_} flags. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  public static int command(long address) {
    return Memory.getInt(address + COMMAND);
  }

  public static int inSize(long address) {
    return Memory.getInt(address + IN_SIZE);
  }

  public static int outSize(long address) {
    return Memory.getInt(address + OUT_SIZE);
  }
}
