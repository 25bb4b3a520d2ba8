package dev.lamina.fuse.kernel;

import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.Mounts;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Serves a mount with workers that each have an open of the device of their own. */
final class Session {
  private final Service service;
  private final DevFuse device;
  private final byte[] mountPoint;
  private final Rings rings;
  private final AtomicBoolean hasFailed = new AtomicBoolean();
  private final ServiceThreads threads;

  /** The workers' opens of the device, through which also requests are answered that wait. */
  private final Queue<DevFuse> clones = new ConcurrentLinkedQueue<>();

  /**
   * @param rings agreed on with the kernel; null for none
   */
  Session(Dispatcher dispatcher, DevFuse device, byte[] mountPoint, int maxWorkers, Rings rings) {
    service = new Service(dispatcher);
    this.device = device;
    this.mountPoint = mountPoint;
    this.rings = rings;
    threads = new ServiceThreads("fuse", maxWorkers, this::newWorker);
  }

  /** Serves until the file system is unmounted and the last request is answered. */
  void serve() {
    Worker first = new Worker(this, service, device);
    if (rings != null) {
      rings.start(this, service);
    }
    try {
      threads.run(first);
    } finally {
      service.close();
      if (rings != null) {
        rings.await();
      }
      clones.forEach(DevFuse::close);
    }
  }

  private Worker newWorker() {
    DevFuse clone = device.openClone();
    Worker worker;
    try {
      worker = new Worker(this, service, clone == null ? device : clone);
    } catch (OutOfMemoryError e) {
      if (clone != null) {
        clone.close();
      }
      throw e;
    }
    if (clone != null) {
      clones.add(clone);
    }
    return worker;
  }

  /** A device through which no request has come. */
  void discard(DevFuse clone) {
    if (clones.remove(clone)) {
      clone.close();
    }
  }

  /** A worker has a request now. */
  void begin() {
    threads.begin();
  }

  /** A worker is about to wait for a request. */
  void end() {
    threads.end();
  }

  /** Ends the service, since no more requests can be had. */
  void fail(int error) {
    if (hasFailed.getAndSet(true)) {
      // By the first, what is mounted there now is something else.
      return;
    }
    Log.error(Session.class, "cannot receive requests: {}", Errno.message(-error));
    // Whoever waits for an answer gets an error, and the other threads learn that it is over.
    if (Mounts.umount2(mountPoint, Mounts.MNT_FORCE | Mounts.UMOUNT_NOFOLLOW) < 0) {
      Fusermount.unmount(mountPoint, true);
    }
  }
}
