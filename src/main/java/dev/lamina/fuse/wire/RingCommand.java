package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The commands for /dev/fuse of a ring, and their {@code struct fuse_uring_cmd_req}. Since 7.42.
 */
public final class RingCommand {
  /** Offers an entry: a header and room for a payload. Done when a request is in it. */
  public static final int REGISTER = 1;

  /** Hands over the reply in an entry. Done when the next request is in it. */
  public static final int COMMIT_AND_FETCH = 2;

  private static final int COMMIT_ID = 8;
  private static final int QUEUE = 16;

  private RingCommand() {}

  /**
   * @param address of zeroed memory
   */
  public static void write(long address, long commitId, int queue) {
    Memory.putLong(address + COMMIT_ID, commitId);
    Memory.putShort(address + QUEUE, (short) queue);
  }
}
