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
 * Gets requests that wait in a queue of the kernel's handed out. An entry that is offered takes
 * none of them (fuse_uring_do_register): it gets the next new request, and those that wait when it
 * answers (fuse_uring_next_fuse_req). If nobody asks anything, they go on waiting. So a nudge makes
 * a new request: it asks the kernel for no bytes at all of what it has cached of a file
 * (FUSE_NOTIFY_RETRIEVE), and the kernel answers with a request, which takes no lock and changes
 * nothing.
 */
final class QueueWakeup {
  /**
   * Requests of the kernel's own have even numbers, counted from zero; an odd one would be an
   * interrupt's.
   */
  private static final long FIRST = 1L << 62;

  private static final int STEP = 2;

  private final DevFuse device;
  private final AtomicLong next = new AtomicLong(FIRST);

  QueueWakeup(DevFuse device) {
    this.device = device;
  }

  /**
   * Not before the kernel has its rings, for which it would wait.
   *
   * @param queue the processor in whose queue they are: the kernel takes that of the calling
   *     thread. One that the process keeps off (taskset) it is on for that one call only
   * @param nodeid of a regular file that the kernel knows; of others it refuses it
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
      Log.debug(QueueWakeup.class, "requests may wait", e);
    }
  }

  private void sendFrom(int queue, long nodeid) {
    int result = ProcessCalls.pinThread(queue);
    if (result < 0) {
      // A cpuset, say. The next request on that processor gets those handed out that wait.
      Log.debug(QueueWakeup.class, "requests may wait: {}", Errno.message(-result));
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
        Log.debug(QueueWakeup.class, "requests may wait: {}", Errno.message(-sent));
      }
    } catch (OutOfMemoryError e) {
      // The thread has an entry to serve.
      Log.debug(QueueWakeup.class, "requests may wait", e);
    }
  }
}
