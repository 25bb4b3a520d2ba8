package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/** The io_uring commands of /dev/fuse, and their {@code struct fuse_uring_cmd_req}. Since 7.42. */
public final class RingCommand {
  /**
   * Registers an entry: a header and memory for a payload. The command completes when the entry
   * holds a request.
   */
  public static final int REGISTER = 1;

  /** Commits the reply in an entry. The command completes when the entry holds the next request. */
  public static final int COMMIT_AND_FETCH = 2;

  private static final int COMMIT_ID = 8;
  private static final int QUEUE = 16;

  private RingCommand() {}

  /** Writes the structure into zeroed memory. */
  public static void write(long address, long commitId, int queue) {
    Memory.putLong(address + COMMIT_ID, commitId);
    Memory.putShort(address + QUEUE, (short) queue);
  }
}
