package dev.lamina.fuse.wire;

/** {@code enum fuse_notify_code}: what the file system tells the kernel unasked. */
public final class Notification {
  public static final int INVALIDATE_INODE = 2;
  public static final int INVALIDATE_ENTRY = 3;

  /** Contents of a file. */
  public static final int STORE = 4;

  /** Asks for contents of a file that the kernel has cached; it answers with a NOTIFY_REPLY. */
  public static final int RETRIEVE = 5;

  private Notification() {}
}
