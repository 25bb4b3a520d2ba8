package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_batch_forget_in}; as many {@link ForgetOne} follow. */
public final class BatchForgetIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 8;

  private static final int COUNT = 0;

  private BatchForgetIn() {}

  public static int count(long address) {
    return Memory.getInt(address + COUNT);
  }
}
