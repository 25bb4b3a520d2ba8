package dev.lamina.fuse.kernel;

import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.RingCommand;
import dev.lamina.fuse.wire.RingHeader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.IoUring;
import dev.lamina.sys.Iovec;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;

/**
 * An entry of a ring of io_uring, through which one request at a time arrives and is answered: a
 * header and a payload, which the request and its answer share.
 */
final class RingEntry implements AutoCloseable {
  /** The size of the payload in bytes; no less than the kernel requires. */
  static final int PAYLOAD_SIZE = Connection.MAX_DATA;

  // The layout of the memory: two struct iovec, the header, the request's header and arguments
  // immediately before its payload, and the payload.
  private static final int HEADER = 64;
  private static final int PAYLOAD = 1024;

  private final int device;
  private final int queue;
  private final IoUring ring;
  private final NativeMemory memory;
  private final long header;
  private final long payload;
  private final Request request;

  private RingEntry(int device, int queue, IoUring ring, NativeMemory memory) {
    this.device = device;
    this.queue = queue;
    this.ring = ring;
    this.memory = memory;
    header = memory.address() + HEADER;
    payload = memory.address() + PAYLOAD;
    request = new Request(payload - OutHeader.STRUCT_SIZE, PAYLOAD_SIZE);
  }

  /**
   * Makes an entry with a ring of its own.
   *
   * @param queue the processor whose requests the entry is for
   * @param out receives the entry, which the caller closes
   * @return 0 or the negative errno of {@link IoUring#open}
   */
  static int open(DevFuse device, int queue, RingEntry[] out) {
    IoUring[] ring = new IoUring[1];
    int result = IoUring.open(ring);
    if (result < 0) {
      return result;
    }
    try {
      NativeMemory memory = new NativeMemory(PAYLOAD + PAYLOAD_SIZE);
      out[0] = new RingEntry(device.fd(), queue, ring[0], memory);
      return 0;
    } catch (OutOfMemoryError e) {
      ring[0].close();
      return -Errno.ENOMEM;
    }
  }

  int queue() {
    return queue;
  }

  /** Returns the request object, which writes its answer into this entry. */
  Request request() {
    return request;
  }

  /**
   * Registers the entry with the kernel; returns 0 or the negative errno, which may also come from
   * {@link #receive}.
   */
  int offer() {
    long iovecs = memory.address();
    Iovec.write(iovecs, header, RingHeader.STRUCT_SIZE);
    Iovec.write(iovecs + Iovec.STRUCT_SIZE, payload, PAYLOAD_SIZE);
    RingCommand.write(ring.prepare(device, RingCommand.REGISTER, iovecs, 2), 0, queue);
    return ring.submit();
  }

  /** Waits for the first request after {@link #offer}; returns 0 or the negative errno. */
  int receive() {
    return ring.await();
  }

  /**
   * Releases memory that larger requests have used, since the current request will stay for long.
   */
  void keepRequestOnly() {
    memory.discardFrom(PAYLOAD + RingHeader.payloadSize(header));
  }

  /**
   * Reads the header of the request that has arrived.
   *
   * @return false if the request is malformed; it has to be answered all the same
   */
  boolean load(Request request) {
    int length = InHeader.length(header);
    int payloadSize = RingHeader.payloadSize(header);
    int arguments = length - InHeader.STRUCT_SIZE - payloadSize;
    boolean fits = payloadSize >= 0 && payloadSize <= PAYLOAD_SIZE;
    if (!fits || arguments < 0 || arguments > RingHeader.ARGUMENTS_SIZE) {
      return false;
    }
    // Handlers need the message in one piece, as it is read from the device.
    long message = payload - arguments - InHeader.STRUCT_SIZE;
    Memory.copy(header, message, InHeader.STRUCT_SIZE);
    Memory.copy(header + RingHeader.ARGUMENTS, message + InHeader.STRUCT_SIZE, arguments);
    return request.load(message, length);
  }

  /**
   * Answers the request and waits for the next one.
   *
   * @param result the size of the body of the answer in bytes, or a negative errno
   * @return 0 or the negative errno of receiving: ENOTCONN once the file system is unmounted
   */
  int answer(int result) {
    int size = Math.max(0, result);
    long unique = InHeader.unique(header);
    OutHeader.write(header, OutHeader.STRUCT_SIZE + size, Math.min(0, result), unique);
    RingHeader.payloadSize(header, size);
    long command = ring.prepare(device, RingCommand.COMMIT_AND_FETCH, 0, 0);
    RingCommand.write(command, RingHeader.commitId(header), queue);
    return ring.submitAndWait();
  }

  @Override
  public void close() {
    // The order matters: the kernel uses the memory until the ring is closed.
    ring.close();
    memory.close();
  }
}
