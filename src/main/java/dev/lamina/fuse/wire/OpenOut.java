package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_open_out}. */
public final class OpenOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 16;

  /** FOPEN_DIRECT_IO: every read and write is sent to the file system, and nothing is cached. */
  public static final int DIRECT_IO = 1;

  /** FOPEN_KEEP_CACHE: the cached data of the file stays valid. */
  public static final int KEEP_CACHE = 2;

  /** FOPEN_CACHE_DIR: the listing may be cached. */
  public static final int CACHE_DIR = 8;

  /** FOPEN_NOFLUSH: the kernel sends no FLUSH at close. */
  public static final int NOFLUSH = 32;

  /**
   * FOPEN_PASSTHROUGH: the kernel reads and writes the registered file; with {@link #DIRECT_IO} it
   * uses it for mappings only.
   */
  public static final int PASSTHROUGH = 128;

  private static final int HANDLE = 0;
  private static final int FLAGS = 8;
  private static final int BACKING_ID = 12;

  private OpenOut() {}

  public static void handle(long address, long value) {
    Memory.putLong(address + HANDLE, value);
  }

  /** Sets {@code FOPEN_} flags. */
  public static void flags(long address, int value) {
    Memory.putInt(address + FLAGS, value);
  }

  /** Sets the number of the registered file, with {@link #PASSTHROUGH}; since 7.40. */
  public static void backingId(long address, int value) {
    Memory.putInt(address + BACKING_ID, value);
  }
}
