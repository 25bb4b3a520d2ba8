package dev.lamina.fuse.wire;

/** Requests of ioctl(2) on /dev/fuse. */
public final class DeviceIoctl {
  /** Ties an open of /dev/fuse to the session of another; the argument points to its descriptor. */
  public static final long CLONE = 0x8004e500L;

  /**
   * Registers a file for passthrough; the argument is a {@code struct fuse_backing_map}: 16 bytes
   * that begin with its descriptor. Since 7.40.
   */
  public static final long BACKING_OPEN = 0x4010e501L;

  /** Ends a registration; the argument points to its number. Since 7.40. */
  public static final long BACKING_CLOSE = 0x4004e502L;

  private DeviceIoctl() {}
}
