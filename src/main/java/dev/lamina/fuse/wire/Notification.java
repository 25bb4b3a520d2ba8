package dev.lamina.fuse.wire;

/** {@code enum fuse_notify_code}: what the file system tells the kernel unasked. */
public final class Notification {
  public static final int INVALIDATE_INODE = 2;
  public static final int INVALIDATE_ENTRY = 3;

  /** Contents of a file. */
  public static final int STORE = 4;

  private Notification() {}
}
