package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_interrupt_in}: a signal was sent to the caller of a request.
 */
public final class InterruptIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private InterruptIn() {}

  /** Returns the number of the request that the signal is about. */
  public static long unique(long address) {
    return Memory.getLong(address);
  }
}
