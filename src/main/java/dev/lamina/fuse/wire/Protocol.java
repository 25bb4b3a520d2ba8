package dev.lamina.fuse.wire;

/** The protocol's versions, and limits of its messages. */
public final class Protocol {
  public static final int MAJOR = 7;

  /** The newest minor version that this package describes (Linux 6.18). */
  public static final int MINOR = 45;

  /** The oldest minor version that is spoken (Linux 5.4). */
  public static final int OLDEST_MINOR = 31;

  /** The kernel reads into no buffer smaller than this. */
  public static final int MIN_READ_BUFFER = 8192;

  private Protocol() {}
}
