package dev.lamina.fuse.wire;

/**
 * The values of {@code enum fuse_notify_code}: the messages that the file system sends without a
 * request.
 */
public final class Notification {
  public static final int INVALIDATE_INODE = 2;
  public static final int INVALIDATE_ENTRY = 3;

  /** Puts contents of a file into the kernel's cache. */
  public static final int STORE = 4;

  /** Asks for contents of a file that the kernel has cached, which it sends with a NOTIFY_REPLY. */
  public static final int RETRIEVE = 5;

  private Notification() {}
}
