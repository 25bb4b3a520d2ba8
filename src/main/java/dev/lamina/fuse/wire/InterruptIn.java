package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_interrupt_in}: a signal came to somebody who waits for an answer. */
public final class InterruptIn {
  public static final int STRUCT_SIZE = 8;

  private InterruptIn() {}

  /** Of the request that the signal is about. */
  public static long unique(long address) {
    return Memory.getLong(address);
  }
}
