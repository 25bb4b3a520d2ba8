package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_open_in}: OPEN and OPENDIR. */
public final class OpenIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 8;

  /** FUSE_OPEN_KILL_SUIDGID: truncating the file clears setuid and setgid. */
  public static final int KILL_SUIDGID = 1;

  private static final int FLAGS = 0;
  private static final int OPEN_FLAGS = 4;

  private OpenIn() {}

  /** Returns flags of open(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  /** Returns {@code FUSE_OPEN_} flags. */
  public static int openFlags(long address) {
    return Memory.getInt(address + OPEN_FLAGS);
  }
}
