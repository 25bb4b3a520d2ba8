package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_open_in}: OPEN and OPENDIR. */
public final class OpenIn {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 8;

  /** FUSE_OPEN_KILL_SUIDGID: truncating takes setuid and setgid away. */
  public static final int KILL_SUIDGID = 1;

  private static final int FLAGS = 0;
  private static final int OPEN_FLAGS = 4;

  private OpenIn() {}

  /** Of open(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /** {@code FUSE_OPEN_} flags. */
  public static int openFlags(long address) {
    return Memory.getInt(address + OPEN_FLAGS);
  }
}
