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
 * Where one request at a time arrives through a ring of io_uring, and where its answer leaves: a
 * header and a payload that request and answer share.
 */
final class RingEntry implements AutoCloseable {
  /** Bytes of data in a request or an answer; no less than the kernel may need. */
  static final int PAYLOAD_SIZE = Connection.MAX_DATA;

  // What lies in the memory: two struct iovec, the header, room for a request's header and
  // arguments right before its payload, and the payload.
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
   * @param queue the processor whose requests it is for
   * @param out gets it; it is the caller's to close
   * @return 0 or the negative errno, as of {@link IoUring#open}
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

  /** The request that is here, which lays its answer out here. */
  Request request() {
    return request;
  }

  /** Offers the entry to the kernel; 0 or the negative errno, which may come with the request. */
  int offer() {
    long iovecs = memory.address();
    Iovec.write(iovecs, header, RingHeader.STRUCT_SIZE);
    Iovec.write(iovecs + Iovec.STRUCT_SIZE, payload, PAYLOAD_SIZE);
    RingCommand.write(ring.prepare(device, RingCommand.REGISTER, iovecs, 2), 0, queue);
    return ring.submit();
  }

  /** Waits for the first request after {@link #offer}; 0 or the negative errno. */
  int receive() {
    return ring.await();
  }

  /**
   * The request that is here stays for long: memory that large ones before it took is given back.
   */
  void keepRequestOnly() {
    memory.discardFrom(PAYLOAD + RingHeader.payloadSize(header));
  }

  /**
   * Lets a request take in what has arrived.
   *
   * @return false when it is no message at all; it wants an answer all the same
   */
  boolean load(Request request) {
    int length = InHeader.length(header);
    int payloadSize = RingHeader.payloadSize(header);
    int arguments = length - InHeader.STRUCT_SIZE - payloadSize;
    boolean fits = payloadSize >= 0 && payloadSize <= PAYLOAD_SIZE;
    if (!fits || arguments < 0 || arguments > RingHeader.ARGUMENTS_SIZE) {
      return false;
    }
    // Handlers find a message in one piece, as the device gives it.
    long message = payload - arguments - InHeader.STRUCT_SIZE;
    Memory.copy(header, message, InHeader.STRUCT_SIZE);
    Memory.copy(header + RingHeader.ARGUMENTS, message + InHeader.STRUCT_SIZE, arguments);
    return request.load(message, length);
  }

  /**
   * Answers and waits for the next request.
   *
   * @param result of the request: the bytes laid out after the answer's header, or a negative errno
   * @return 0 or the negative errno of receiving: ENOTCONN once unmounted
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
    // In this order: the kernel lets go of the memory with the ring.
    ring.close();
    memory.close();
  }
}
