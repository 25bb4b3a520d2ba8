package dev.lamina.fuse.kernel;

import dev.lamina.fuse.wire.Notification;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.RetrieveOut;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.ProcessCalls;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the kernel hand out requests that wait in the queue of a processor. An entry that is
 * registered takes none of them (fuse_uring_do_register): it gets the next new request, and takes a
 * waiting one only when it has answered that (fuse_uring_next_fuse_req). Without a new request the
 * others would go on waiting. So this class causes one: it asks the kernel for zero bytes of the
 * cached contents of a file (FUSE_NOTIFY_RETRIEVE), and the kernel replies with a request, which
 * takes no lock and changes nothing.
 */
final class QueueWakeup {
  /**
   * The number of the first of these requests. The kernel gives its own requests even numbers,
   * counted from zero; odd ones stand for interrupts.
   */
  private static final long FIRST = 1L << 62;

  private static final int STEP = 2;

  private static final String STUCK = "requests may wait until a copy-up ends: ";

  private final DevFuse device;
  private final AtomicLong next = new AtomicLong(FIRST);

  QueueWakeup(DevFuse device) {
    this.device = device;
  }

  /**
   * Sends a notification; not to be called before the rings are registered, for which the kernel
   * would wait.
   *
   * @param queue the processor in whose queue the requests wait. The kernel uses the queue of the
   *     processor that the calling thread runs on. If the process's affinity excludes it (taskset),
   *     a thread runs on it for this one call
   * @param nodeid the nodeid of a regular file that the kernel knows; the kernel refuses others
   */
  void send(int queue, long nodeid) {
    if (ProcessCalls.mayRunOn(queue)) {
      send(nodeid);
      return;
    }
    try {
      Thread thread = new Thread(() -> sendFrom(queue, nodeid), "wakeup");
      thread.setDaemon(true);
      thread.start();
    } catch (OutOfMemoryError e) {
      Log.debug(QueueWakeup.class, STUCK + "{}", "no thread can be started", e);
    }
  }

  private void sendFrom(int queue, long nodeid) {
    int result = ProcessCalls.pinThread(queue);
    if (result < 0) {
      // A cpuset may exclude the processor. The next request on it gets the waiting ones handed
      // out.
      Log.debug(QueueWakeup.class, STUCK + "{}", Errno.message(-result));
      return;
    }
    send(nodeid);
  }

  private void send(long nodeid) {
    int size = OutHeader.STRUCT_SIZE + RetrieveOut.STRUCT_SIZE;
    try (NativeMemory memory = new NativeMemory(size)) {
      OutHeader.write(memory.address(), size, Notification.RETRIEVE, 0);
      long body = memory.address() + OutHeader.STRUCT_SIZE;
      RetrieveOut.write(body, next.getAndAdd(STEP), nodeid, 0, 0);
      int sent = device.send(memory.address(), size);
      if (sent < 0 && sent != -Errno.ENODEV && sent != -Errno.ENOTCONN) {
        Log.debug(QueueWakeup.class, STUCK + "{}", Errno.message(-sent));
      }
    } catch (OutOfMemoryError e) {
      // The calling thread must go on: it has an entry to serve.
      Log.debug(QueueWakeup.class, STUCK + "{}", "out of memory", e);
    }
  }
}
