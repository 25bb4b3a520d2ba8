package dev.lamina.fuse.kernel;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.Protocol;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.NativeMemory;

/**
 * One thread's loop: receives a request, has it handled, sends the answer. It has an open of the
 * device and two buffers of its own.
 */
final class Worker implements ServiceThreads.Worker {
  /** What requests and answers have beside data: headers, arguments, names. */
  private static final int EXTRA = 4096 + Protocol.MIN_READ_BUFFER;

  private static final int BUFFER_SIZE = Connection.MAX_DATA + EXTRA;

  /** Bytes of a BATCH_FORGET that are worth giving their memory back. */
  private static final int LARGE_BATCH = 16 << 10;

  private final Session session;
  private final Dispatcher dispatcher;
  private final DevFuse device;

  /** The device where it is this worker's to close; null where it is shared. */
  private final DevFuse ownDevice;

  private final NativeMemory message = new NativeMemory(BUFFER_SIZE);
  private final NativeMemory answer;
  private final Request request;

  /**
   * @throws OutOfMemoryError when there is no memory for its buffers
   */
  Worker(Session session, Dispatcher dispatcher, DevFuse device, DevFuse ownDevice) {
    this.session = session;
    this.dispatcher = dispatcher;
    this.device = device;
    this.ownDevice = ownDevice;
    try {
      answer = new NativeMemory(BUFFER_SIZE);
    } catch (OutOfMemoryError e) {
      message.close();
      throw e;
    }
    request = new Request(answer.address(), BUFFER_SIZE - OutHeader.STRUCT_SIZE);
  }

  /** Serves until the file system is unmounted. */
  @Override
  public void run() {
    int received = device.receive(message.address(), BUFFER_SIZE);
    while (received >= 0) {
      session.begin();
      serve(received);
      session.end();
      received = device.receive(message.address(), BUFFER_SIZE);
    }
    if (received != -Errno.ENODEV) {
      session.fail(received);
    }
  }

  /** Whatever happens, the worker lives on. */
  private void serve(int received) {
    try {
      answer(received);
    } catch (Throwable e) {
      Dispatcher.log(request.opcode(), e);
    }
  }

  private void answer(int received) {
    if (!request.load(message.address(), received)) {
      // The kernel writes whole messages; without a header there is nobody to answer.
      Log.error(Worker.class, "malformed request of {} bytes", received);
      return;
    }
    int result = dispatcher.handle(request);
    if (result == Dispatcher.NO_ANSWER) {
      if (received >= LARGE_BATCH) {
        // The kernel needs memory: forgetting inodes must not take up to a megabyte for each
        // thread.
        message.discard();
      }
      return;
    }
    int length = result < 0 ? request.finish(result, 0) : request.finish(0, result);
    int sent = device.send(request.answer(), length);
    if (sent < 0 && result >= 0) {
      // Nobody waits any more.
      dispatcher.undo(request);
    }
    if (sent < 0 && sent != -Errno.ENOENT && sent != -Errno.ENODEV) {
      Log.error(
          Worker.class, "answer to opcode {} refused: {}", request.opcode(), Errno.message(-sent));
      device.send(request.answer(), request.finish(-Errno.EIO, 0));
    }
  }

  @Override
  public void close() {
    message.close();
    answer.close();
    if (ownDevice != null) {
      ownDevice.close();
    }
  }
}
