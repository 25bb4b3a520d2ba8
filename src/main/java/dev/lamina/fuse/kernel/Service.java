package dev.lamina.fuse.kernel;

import dev.lamina.fuse.TaskThreads;
import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.InterruptIn;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.Protocol;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import java.util.concurrent.RejectedExecutionException;

/**
 * Has requests of the device handled and sends the answers. A request that has to wait is parked:
 * its message is copied, and its thread goes on with other requests. When the wait is over it is
 * run again, and answered through the open of the device that it was read from, the only one that
 * the kernel accepts the answer from.
 */
final class Service implements AutoCloseable {
  /** The size of everything but data in requests and answers: headers, arguments and names. */
  private static final int EXTRA = 4096 + Protocol.MIN_READ_BUFFER;

  static final int BUFFER_SIZE = Connection.MAX_DATA + EXTRA;

  /**
   * The number of threads that run requests again. Such a request rarely has to wait a second time.
   */
  private static final int THREADS = 4;

  private final Dispatcher dispatcher;
  private final Parking parking = new Parking();
  private final TaskThreads threads = new TaskThreads("again", THREADS);

  /**
   * Memory for error answers, so that they can be sent when memory is exhausted. Its monitor guards
   * it.
   */
  private final NativeMemory error = new NativeMemory(OutHeader.STRUCT_SIZE);

  Service(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  Parking parking() {
    return parking;
  }

  /**
   * Answers a request, or parks it. Nothing is thrown, whatever happens.
   *
   * @param device the open of the device that the message came from
   * @param request takes the message in
   * @param length bytes of the message
   */
  void serve(DevFuse device, Request request, long message, int length) {
    if (!request.load(message, length)) {
      reject(device, message, length);
      return;
    }
    try {
      if (request.opcode() == Opcode.INTERRUPT) {
        if (request.argumentsSize() >= InterruptIn.STRUCT_SIZE) {
          parking.signal(InterruptIn.unique(request.arguments()));
        }
        return;
      }
      int result = dispatcher.handle(request);
      if (result == Dispatcher.DEFERRED) {
        park(device, request, message, length);
      } else if (result != Dispatcher.NO_ANSWER) {
        answer(device, request, result);
      }
    } catch (Throwable e) {
      Dispatcher.log(request.opcode(), e);
      answerFailed(device, request);
    }
  }

  /**
   * Answers a malformed message with EIO. The kernel writes whole messages; without a header there
   * is nobody to answer.
   */
  private void reject(DevFuse device, long message, int length) {
    Log.error(Service.class, "the kernel sent a malformed request of {} bytes", length);
    if (length >= InHeader.STRUCT_SIZE && isAnswered(InHeader.opcode(message))) {
      sendError(device, InHeader.unique(message), Errno.EIO);
    }
  }

  private static boolean isAnswered(int opcode) {
    return !Dispatcher.isForget(opcode) && opcode != Opcode.INTERRUPT;
  }

  /** Answers a request that failed: without an answer its caller waits for ever, even if killed. */
  private void answerFailed(DevFuse device, Request request) {
    if (isAnswered(request.opcode())) {
      // If it is answered already, the kernel does not know it any more, and says so.
      device.send(request.answer(), request.finish(-Errno.EIO, 0));
    }
  }

  private void answer(DevFuse device, Request request, int result) {
    int length = result < 0 ? request.finish(result, 0) : request.finish(0, result);
    int sent = device.send(request.answer(), length);
    if (sent < 0 && result >= 0) {
      // The caller does not wait any more.
      dispatcher.undo(request);
    }
    if (sent < 0 && sent != -Errno.ENOENT && sent != -Errno.ENODEV) {
      Log.error(
          Service.class,
          "the kernel refused the answer to a request with opcode {}: {}",
          request.opcode(),
          Errno.message(-sent));
      device.send(request.answer(), request.finish(-Errno.EIO, 0));
    }
  }

  private void park(DevFuse device, Request request, long message, int length) {
    // The message is small: a request that carries data to write never waits for a copy-up.
    byte[] kept = new byte[length];
    Memory.getBytes(message, kept, 0, length);
    long unique = request.unique();
    parking.park(
        unique,
        request.context.pid,
        request.takeWork(),
        errno -> proceed(device, kept, unique, errno));
  }

  private void proceed(DevFuse device, byte[] message, long unique, int errno) {
    if (errno != 0) {
      sendError(device, unique, errno);
      return;
    }
    try {
      threads.execute(() -> again(device, message, unique));
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // No thread can be started, or the file system is unmounted.
      sendError(device, unique, Errno.ENOMEM);
    }
  }

  private void sendError(DevFuse device, long unique, int errno) {
    parking.forget(unique);
    synchronized (error) {
      OutHeader.write(error.address(), OutHeader.STRUCT_SIZE, -errno, unique);
      // The result is ignored: after ENOENT and ENODEV the caller does not wait any more.
      device.send(error.address(), OutHeader.STRUCT_SIZE);
    }
  }

  private void again(DevFuse device, byte[] message, long unique) {
    try (NativeMemory in = new NativeMemory(message.length);
        NativeMemory out = new NativeMemory(BUFFER_SIZE)) {
      Memory.putBytes(in.address(), message, 0, message.length);
      Request request = new Request(out.address(), BUFFER_SIZE - OutHeader.STRUCT_SIZE);
      serve(device, request, in.address(), message.length);
    } catch (OutOfMemoryError e) {
      sendError(device, unique, Errno.ENOMEM);
    } catch (Throwable e) {
      Log.error(Service.class, "a request failed after it had waited for a copy-up", e);
      sendError(device, unique, Errno.EIO);
    }
  }

  /**
   * Answers all waiting requests with EINTR after the unmount, while the devices are still open.
   */
  @Override
  public void close() {
    parking.close();
    threads.close();
    error.close();
  }
}
