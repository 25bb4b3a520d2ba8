package dev.lamina.sys;

import java.lang.invoke.VarHandle;

/**
 * A ring of io_uring(7) for one command at a time. The commands are those that another part of the
 * kernel defines (IORING_OP_URING_CMD). Submission entries have 128 bytes, so that such a command
 * has 80 bytes for its own data. One thread uses a ring.
 */
public final class IoUring implements AutoCloseable {
  /** The size of a command's own data in bytes. */
  public static final int COMMAND_SIZE = 80;

  private static final int ENTRIES = 1;
  private static final int SETUP_SQE128 = 1 << 10;
  private static final int FEATURE_SINGLE_MMAP = 1;
  private static final int ENTER_GETEVENTS = 1;
  private static final int OP_URING_CMD = 46;
  private static final long OFFSET_RINGS = 0;
  private static final long OFFSET_SQES = 0x10000000L;

  // struct io_uring_params
  private static final int PARAMS_SIZE = 120;
  private static final int PARAMS_CQ_ENTRIES = 4;
  private static final int PARAMS_FLAGS = 8;
  private static final int PARAMS_FEATURES = 20;
  private static final int PARAMS_SQ_OFF = 40;
  private static final int PARAMS_CQ_OFF = 80;

  // struct io_sqring_offsets
  private static final int SQ_TAIL = 4;
  private static final int SQ_ARRAY = 24;

  // struct io_cqring_offsets
  private static final int CQ_HEAD = 0;
  private static final int CQ_TAIL = 4;
  private static final int CQ_MASK = 8;
  private static final int CQ_CQES = 20;

  // struct io_uring_sqe
  private static final int SQE_SIZE = 128;
  private static final int SQE_FD = 4;
  private static final int SQE_COMMAND_OP = 8;
  private static final int SQE_ADDRESS = 16;
  private static final int SQE_LENGTH = 24;
  private static final int SQE_COMMAND = 48;

  // struct io_uring_cqe
  private static final int CQE_SIZE = 16;
  private static final int CQE_RESULT = 8;

  private final Fd fd;
  private final long rings;
  private final long ringsSize;
  private final long entry;
  private final long submitTail;
  private final long completeHead;
  private final long completeTail;
  private final int completeMask;
  private final long completions;

  private IoUring(int ring, long params, long rings, long ringsSize, long entry) {
    fd = new Fd(ring);
    this.rings = rings;
    this.ringsSize = ringsSize;
    this.entry = entry;
    long cq = params + PARAMS_CQ_OFF;
    submitTail = rings + Memory.getInt(params + PARAMS_SQ_OFF + SQ_TAIL);
    completeHead = rings + Memory.getInt(cq + CQ_HEAD);
    completeTail = rings + Memory.getInt(cq + CQ_TAIL);
    completeMask = Memory.getInt(rings + Memory.getInt(cq + CQ_MASK));
    completions = rings + Memory.getInt(cq + CQ_CQES);
    // Entry 0 is the only one and is submitted each time.
    Memory.putInt(rings + Memory.getInt(params + PARAMS_SQ_OFF + SQ_ARRAY), 0);
  }

  /**
   * Makes a ring with io_uring_setup(2).
   *
   * @param out receives the ring, which the caller closes
   * @return 0 or the negative errno: ENOSYS if the system has no io_uring, EPERM if it does not
   *     allow it, EINVAL before Linux 5.19
   */
  public static int open(IoUring[] out) {
    long params = Scratch.get().struct();
    Memory.clear(params, PARAMS_SIZE);
    Memory.putInt(params + PARAMS_FLAGS, SETUP_SQE128);
    int ring = (int) LibC.call(SystemCall.IO_URING_SETUP, ENTRIES, params, 0, 0, 0);
    if (ring < 0) {
      return ring;
    }
    if ((Memory.getInt(params + PARAMS_FEATURES) & FEATURE_SINGLE_MMAP) == 0) {
      Linux.close(ring);
      return -Errno.EINVAL;
    }
    int submitEnd = Memory.getInt(params + PARAMS_SQ_OFF + SQ_ARRAY) + ENTRIES * Integer.BYTES;
    int completeEnd =
        Memory.getInt(params + PARAMS_CQ_OFF + CQ_CQES)
            + Memory.getInt(params + PARAMS_CQ_ENTRIES) * CQE_SIZE;
    long size = Math.max(submitEnd, completeEnd);
    long rings = Mapping.shared(ring, OFFSET_RINGS, size);
    if (rings < 0) {
      Linux.close(ring);
      return (int) rings;
    }
    long entry = Mapping.shared(ring, OFFSET_SQES, ENTRIES * SQE_SIZE);
    if (entry < 0) {
      Mapping.unmap(rings, size);
      Linux.close(ring);
      return (int) entry;
    }
    out[0] = new IoUring(ring, params, rings, size, entry);
    return 0;
  }

  /**
   * Prepares the command that {@link #submitAndWait} or {@link #submit} submits next.
   *
   * @return the address of the command's own {@link #COMMAND_SIZE} bytes, which are zero
   */
  public long prepare(int target, int operation, long address, int length) {
    Memory.clear(entry, SQE_SIZE);
    Memory.putByte(entry, (byte) OP_URING_CMD);
    Memory.putInt(entry + SQE_FD, target);
    Memory.putInt(entry + SQE_COMMAND_OP, operation);
    Memory.putLong(entry + SQE_ADDRESS, address);
    Memory.putInt(entry + SQE_LENGTH, length);
    return entry + SQE_COMMAND;
  }

  /**
   * Submits the command and waits until it has completed; returns its result, or the negative
   * errno.
   */
  public int submitAndWait() {
    int submitted = submit(1);
    return submitted < 0 ? submitted : await();
  }

  /** Submits the command, which {@link #await} waits for; returns 0 or the negative errno. */
  public int submit() {
    return Math.min(0, submit(0));
  }

  private int submit(int wanted) {
    int tail = Memory.getInt(submitTail);
    VarHandle.releaseFence();
    Memory.putInt(submitTail, tail + 1);
    int submitted;
    do {
      submitted = enter(1, wanted);
    } while (submitted == -Errno.EINTR || submitted == -Errno.EAGAIN);
    return submitted;
  }

  /** Waits until the submitted command has completed; returns its result, or the negative errno. */
  public int await() {
    int head = Memory.getInt(completeHead);
    while (Memory.getInt(completeTail) == head) {
      // The command has not completed yet, or a signal ended the wait.
      int waited = enter(0, 1);
      if (waited < 0 && waited != -Errno.EINTR) {
        return waited;
      }
    }
    VarHandle.acquireFence();
    long completion = completions + (long) (head & completeMask) * CQE_SIZE;
    int result = Memory.getInt(completion + CQE_RESULT);
    VarHandle.releaseFence();
    Memory.putInt(completeHead, head + 1);
    return result;
  }

  private int enter(int submit, int wanted) {
    return (int)
        LibC.call(SystemCall.IO_URING_ENTER, fd.number(), submit, wanted, ENTER_GETEVENTS, 0);
  }

  @Override
  public void close() {
    fd.close();
    Mapping.unmap(entry, ENTRIES * SQE_SIZE);
    Mapping.unmap(rings, ringsSize);
  }
}
