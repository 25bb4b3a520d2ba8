package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_release_in}: RELEASE and RELEASEDIR. */
public final class ReleaseIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 24;

  private static final int HANDLE = 0;
  private static final int FLAGS = 8;

  private ReleaseIn() {}

  public static long handle(long address) {
    return Memory.getLong(address + HANDLE);
  }

  /** Returns the flags that the file was opened with. */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }
}
