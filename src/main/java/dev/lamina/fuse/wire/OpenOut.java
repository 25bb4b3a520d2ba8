package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** {@code struct fuse_open_out}. */
public final class OpenOut {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 16;

  /** FOPEN_DIRECT_IO: every read and write is asked for, and nothing cached. */
  public static final int DIRECT_IO = 1;

  /** FOPEN_KEEP_CACHE: what is cached of the file stays. */
  public static final int KEEP_CACHE = 2;

  /** FOPEN_CACHE_DIR: the listing may be cached. */
  public static final int CACHE_DIR = 8;

  /** FOPEN_NOFLUSH: no FLUSH at close. */
  public static final int NOFLUSH = 32;

  /**
   * FOPEN_PASSTHROUGH: data goes to and from the registered file; with {@link #DIRECT_IO} mapped
   * memory alone.
   */
  public static final int PASSTHROUGH = 128;

  private static final int HANDLE = 0;
  private static final int FLAGS = 8;
  private static final int BACKING_ID = 12;

  private OpenOut() {}

  public static void handle(long address, long value) {
    Memory.putLong(address + HANDLE, value);
  }

  /** {@code FOPEN_} flags. */
  public static void flags(long address, int value) {
    Memory.putInt(address + FLAGS, value);
  }

  /** With {@link #PASSTHROUGH}; since 7.40. */
  public static void backingId(long address, int value) {
    Memory.putInt(address + BACKING_ID, value);
  }
}
