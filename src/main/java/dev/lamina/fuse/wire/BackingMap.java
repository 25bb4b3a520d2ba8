package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_backing_map}, the argument of FUSE_DEV_IOC_BACKING_OPEN; since 7.40. */
public final class BackingMap {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 16;

  private static final int FD = 0;
  private static final int FLAGS = 4;
  private static final int PADDING = 8;

  private BackingMap() {}

  public static void fd(long address, int value) {
    Memory.putInt(address + FD, value);
  }

  public static void flags(long address, int value) {
    Memory.putInt(address + FLAGS, value);
  }

  public static void padding(long address, long value) {
    Memory.putLong(address + PADDING, value);
  }
}
