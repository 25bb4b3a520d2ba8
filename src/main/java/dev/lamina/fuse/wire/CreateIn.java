package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_create_in}: CREATE and TMPFILE; the name follows. */
public final class CreateIn {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  private static final int FLAGS = 0;
  private static final int MODE = 4;
  private static final int UMASK = 8;
  private static final int OPEN_FLAGS = 12;

  private CreateIn() {}

  /** Returns flags of open(2). */
  public static int flags(long address) {
    return Memory.getInt(address + FLAGS);
  }

  public static int mode(long address) {
    return Memory.getInt(address + MODE);
  }

  public static int umask(long address) {
    return Memory.getInt(address + UMASK);
  }

  /** Returns {@code FUSE_OPEN_} flags. */
  public static int openFlags(long address) {
    return Memory.getInt(address + OPEN_FLAGS);
  }
}
