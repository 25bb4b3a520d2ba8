package dev.lamina.fuse.kernel;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Mounts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/**
 * The threads that serve a mount: the calling one, and as many more as there are requests at once,
 * up to a bound. They stay, for what came once comes again.
 */
final class Session {
  private final Dispatcher dispatcher;
  private final DevFuse device;
  private final byte[] mountPoint;
  private final int maxWorkers;

  /** Workers that wait for a request; one too few is made up for by {@link #begin}. */
  private final AtomicInteger idle = new AtomicInteger(1);

  private final List<Thread> threads = new ArrayList<>();

  Session(Dispatcher dispatcher, DevFuse device, byte[] mountPoint, int maxWorkers) {
    this.dispatcher = dispatcher;
    this.device = device;
    this.mountPoint = mountPoint;
    this.maxWorkers = maxWorkers;
  }

  /** Serves until the file system is unmounted and the last request is answered. */
  void serve() {
    new Worker(this, dispatcher, device).run();
    boolean interrupted = false;
    for (Thread thread = next(0); thread != null; thread = next(threads.indexOf(thread) + 1)) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Thread next(int index) {
    return index < threads.size() ? threads.get(index) : null;
  }

  /** A worker has a request now: sees to it that another one waits for the next. */
  void begin() {
    if (idle.decrementAndGet() <= 0) {
      addWorker();
    }
  }

  /** A worker is about to wait for a request. */
  void end() {
    idle.incrementAndGet();
  }

  private synchronized void addWorker() {
    if (idle.get() > 0 || threads.size() == maxWorkers - 1) {
      return;
    }
    DevFuse clone = null;
    try {
      clone = device.openClone();
      start(clone);
      idle.incrementAndGet();
    } catch (Throwable e) {
      // Memory, or the system allows no more threads: those that are there go on.
      LoggerFactory.getLogger(Session.class).warn("cannot start another thread", e);
      if (clone != null) {
        clone.close();
      }
    }
  }

  /** Starts a worker on a device of its own; on the shared one where that is null. */
  private void start(DevFuse own) {
    Worker worker = new Worker(this, dispatcher, own == null ? device : own);
    Thread thread =
        new Thread(
            () -> {
              try {
                worker.run();
              } finally {
                if (own != null) {
                  own.close();
                }
              }
            },
            "fuse-" + (threads.size() + 1));
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (Throwable e) {
      worker.close();
      throw e;
    }
    threads.add(thread);
  }

  /** Ends the service, since no more requests can be had. */
  void fail(int error) {
    LoggerFactory.getLogger(Session.class)
        .error("cannot receive requests: {}", Errno.message(-error));
    // The other threads wait for requests until there is no mount.
    Mounts.umount2(mountPoint, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
  }
}
