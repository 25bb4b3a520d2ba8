package dev.lamina.fuse.kernel;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.NativeMemory;

/**
 * The loop of one thread that receives requests from the device and has them handled. It has its
 * own open of the device and two buffers.
 */
final class Worker implements ServiceThreads.Worker {
  /** The size in bytes from which the memory of a BATCH_FORGET is released. */
  private static final int LARGE_BATCH = 16 << 10;

  private final Session session;
  private final Service service;
  private final DevFuse device;

  private final NativeMemory message = new NativeMemory(Service.BUFFER_SIZE);
  private final NativeMemory answer;
  private final Request request;
  private boolean hasRun;

  /**
   * @param device an open of the device, which the session closes: requests that wait are answered
   *     through it later
   * @throws OutOfMemoryError if there is no memory for the buffers
   */
  Worker(Session session, Service service, DevFuse device) {
    this.session = session;
    this.service = service;
    this.device = device;
    try {
      answer = new NativeMemory(Service.BUFFER_SIZE);
    } catch (OutOfMemoryError e) {
      message.close();
      throw e;
    }
    request = new Request(answer.address(), Service.BUFFER_SIZE - OutHeader.STRUCT_SIZE);
  }

  /** Serves until the file system is unmounted. */
  @Override
  public void run() {
    hasRun = true;
    int received = device.receive(message.address(), Service.BUFFER_SIZE);
    while (received >= 0) {
      session.begin();
      serve(received);
      session.end();
      received = device.receive(message.address(), Service.BUFFER_SIZE);
    }
    if (received != -Errno.ENODEV) {
      session.fail(received);
    }
  }

  private void serve(int received) {
    service.serve(device, request, message.address(), received);
    if (received >= LARGE_BATCH && Dispatcher.isForget(request.opcode())) {
      // The kernel forgets inodes because it needs memory, so a megabyte per thread must not stay
      // in use.
      message.discard();
    }
  }

  @Override
  public void close() {
    message.close();
    answer.close();
    if (!hasRun) {
      session.discard(device);
    }
  }
}
