package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * {@code struct fuse_uring_req_header}, since 7.42: what a request and its reply have beside data
 * when they go through a ring. The header of the request, and of the reply in its place, lies at
 * the beginning.
 */
public final class RingHeader {
  /** Bytes of the structure. */
  public static final int STRUCT_SIZE = 288;

  /** Where the request's arguments of fixed size lie. */
  public static final int ARGUMENTS = 128;

  /** Bytes that these may have. */
  public static final int ARGUMENTS_SIZE = 128;

  private static final int COMMIT_ID = 264;
  private static final int PAYLOAD_SIZE = 272;

  private RingHeader() {}

  /** Names the request to {@link RingCommand#COMMIT_AND_FETCH}. */
  public static long commitId(long address) {
    return Memory.getLong(address + COMMIT_ID);
  }

  /** Bytes of the request's other arguments. */
  public static int payloadSize(long address) {
    return Memory.getInt(address + PAYLOAD_SIZE);
  }

  /** Bytes of the reply after its header. */
  public static void payloadSize(long address, int value) {
    Memory.putInt(address + PAYLOAD_SIZE, value);
  }
}
