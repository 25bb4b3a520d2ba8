package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_out_header}: the beginning of every reply and notification.
 */
public final class OutHeader {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int LENGTH = 0;
  private static final int ERROR = 4;
  private static final int UNIQUE = 8;

  private OutHeader() {}

  /** Returns 0, a negative errno, or a {@link Notification} code. */
  public static int error(long address) {
    return Memory.getInt(address + ERROR);
  }

  /** Returns the number of the request that is answered; 0 for notifications. */
  public static long unique(long address) {
    return Memory.getLong(address + UNIQUE);
  }

  /**
   * Writes the whole header.
   *
   * @param length the size of the whole reply in bytes
   * @param error 0, a negative errno, or a {@link Notification} code
   * @param unique the number of the request; 0 for notifications
   */
  public static void write(long address, int length, int error, long unique) {
    Memory.putInt(address + LENGTH, length);
    Memory.putInt(address + ERROR, error);
    Memory.putLong(address + UNIQUE, unique);
  }
}
