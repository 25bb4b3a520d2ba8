package dev.lamina.fuse.wire;

/** The versions of the protocol and the limits of its messages. */
public final class Protocol {
  public static final int MAJOR = 7;

  /** The newest minor version that this package describes (Linux 6.18). */
  public static final int MINOR = 45;

  /** The oldest minor version that is supported (Linux 5.4). */
  public static final int OLDEST_MINOR = 31;

  /** The smallest buffer that the kernel reads a request into, in bytes. */
  public static final int MIN_READ_BUFFER = 8192;

  private Protocol() {}
}
