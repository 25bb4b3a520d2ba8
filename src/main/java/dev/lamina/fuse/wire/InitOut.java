package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The accessors of {@code struct fuse_init_out}. */
public final class InitOut {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 64;

  private static final int MAJOR = 0;
  private static final int MINOR = 4;
  private static final int MAX_READAHEAD = 8;
  private static final int FLAGS = 12;
  private static final int MAX_BACKGROUND = 16;
  private static final int CONGESTION_THRESHOLD = 18;
  private static final int MAX_WRITE = 20;
  private static final int TIME_GRANULARITY = 24;
  private static final int MAX_PAGES = 28;
  private static final int FLAGS2 = 32;
  private static final int MAX_STACK_DEPTH = 36;

  private InitOut() {}

  public static void major(long address, int value) {
    Memory.putInt(address + MAJOR, value);
  }

  public static void minor(long address, int value) {
    Memory.putInt(address + MINOR, value);
  }

  public static void maxReadahead(long address, int value) {
    Memory.putInt(address + MAX_READAHEAD, value);
  }

  public static void flags(long address, int value) {
    Memory.putInt(address + FLAGS, value);
  }

  /** Sets the largest number of concurrent asynchronous requests. */
  public static void maxBackground(long address, short value) {
    Memory.putShort(address + MAX_BACKGROUND, value);
  }

  public static void congestionThreshold(long address, short value) {
    Memory.putShort(address + CONGESTION_THRESHOLD, value);
  }

  /** Sets the largest size of the data of a WRITE, in bytes. */
  public static void maxWrite(long address, int value) {
    Memory.putInt(address + MAX_WRITE, value);
  }

  /** Sets the granularity of times, in nanoseconds. */
  public static void timeGranularity(long address, int value) {
    Memory.putInt(address + TIME_GRANULARITY, value);
  }

  /** Sets the largest number of pages of a request. */
  public static void maxPages(long address, short value) {
    Memory.putShort(address + MAX_PAGES, value);
  }

  public static void flags2(long address, int value) {
    Memory.putInt(address + FLAGS2, value);
  }

  /**
   * Sets the greatest stacking depth of a backing file's file system, with {@link
   * InitFlags#PASSTHROUGH}; since 7.40.
   */
  public static void maxStackDepth(long address, int value) {
    Memory.putInt(address + MAX_STACK_DEPTH, value);
  }
}
