package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_out_header}: the beginning of every reply and notification. */
public final class OutHeader {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 16;

  private static final int LENGTH = 0;
  private static final int ERROR = 4;
  private static final int UNIQUE = 8;

  private OutHeader() {}

  /** Bytes of the whole reply. */
  public static void length(long address, int value) {
    Memory.putInt(address + LENGTH, value);
  }

  /** 0, a negative errno, or a {@link Notification} code. */
  public static void error(long address, int value) {
    Memory.putInt(address + ERROR, value);
  }

  /** The request's; 0 for notifications. */
  public static void unique(long address, long value) {
    Memory.putLong(address + UNIQUE, value);
  }
}
