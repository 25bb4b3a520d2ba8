package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_release_in}: RELEASE and RELEASEDIR. */
public final class ReleaseIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 24;

  private static final int HANDLE = 0;
  private static final int FLAGS = 8;

  private ReleaseIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  /** Those it was opened with. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }
}
