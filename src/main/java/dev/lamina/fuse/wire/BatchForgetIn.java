package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_batch_forget_in}; as many {@link ForgetOne} follow. */
public final class BatchForgetIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  private static final int COUNT = 0;

  private BatchForgetIn() {}

  public static int count(long address) {
    return Memory.getInt(address + COUNT);
  }
}
