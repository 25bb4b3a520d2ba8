package dev.lamina.fuse.wire;

import dev.lamina.sys.Memory;

/**
 * The accessors of {@code struct fuse_uring_req_header}, since 7.42: everything but data of a
 * request and its reply that go through a ring. It begins with the header of the request, which the
 * header of the reply replaces.
 */
public final class RingHeader {
  /** The size of the structure in bytes. */
  public static final int STRUCT_SIZE = 288;

  /** The offset of the request's arguments of fixed size. */
  public static final int ARGUMENTS = 128;

  /** The largest size of these arguments in bytes. */
  public static final int ARGUMENTS_SIZE = 128;

  private static final int COMMIT_ID = 264;
  private static final int PAYLOAD_SIZE = 272;

  private RingHeader() {}

  /** Returns the number that identifies the request to {@link RingCommand#COMMIT_AND_FETCH}. */
  public static long commitId(long address) {
    return Memory.getLong(address + COMMIT_ID);
  }

  /** Returns the size of the request's other arguments in bytes. */
  public static int payloadSize(long address) {
    return Memory.getInt(address + PAYLOAD_SIZE);
  }

  /** Sets the size of the reply after its header, in bytes. */
  public static void payloadSize(long address, int value) {
    Memory.putInt(address + PAYLOAD_SIZE, value);
  }
}
