package dev.lamina.fuse.wire;

/** The requests of ioctl(2) on /dev/fuse. */
public final class DeviceIoctl {
  /**
   * Attaches an open /dev/fuse to the connection of another one; the argument points to the
   * descriptor of that one.
   */
  public static final long CLONE = 0x8004e500L;

  /**
   * Registers a file for passthrough; the argument points to a {@code struct fuse_backing_map}: 16
   * bytes that begin with the descriptor. Since 7.40.
   */
  public static final long BACKING_OPEN = 0x4010e501L;

  /** Ends a registration; the argument points to its backing id. Since 7.40. */
  public static final long BACKING_CLOSE = 0x4004e502L;

  private DeviceIoctl() {}
}
