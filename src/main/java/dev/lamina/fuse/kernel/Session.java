package dev.lamina.fuse.kernel;

import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.Mounts;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** The service of one mount: workers that each have their own open of the device. */
final class Session {
  private final Service service;
  private final DevFuse device;
  private final byte[] mountPoint;
  private final Rings rings;
  private final AtomicBoolean hasFailed = new AtomicBoolean();
  private final ServiceThreads threads;

  /**
   * The opens of the device that workers have. Requests that wait are answered through them as
   * well.
   */
  private final Queue<DevFuse> clones = new ConcurrentLinkedQueue<>();

  /**
   * @param rings the negotiated rings; null if there are none
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

  /** Closes an open of the device through which no request has come. */
  void discard(DevFuse clone) {
    if (clones.remove(clone)) {
      clone.close();
    }
  }

  /** Called by a worker that has received a request. */
  void begin() {
    threads.begin();
  }

  /** Called by a worker that is about to wait for a request. */
  void end() {
    threads.end();
  }

  /** Ends the service, because requests cannot be received any more. */
  void fail(int error) {
    if (hasFailed.getAndSet(true)) {
      // The first call has unmounted: something else may be mounted there now.
      return;
    }
    Log.error(
        Session.class,
        "cannot receive requests from the kernel, unmounting: {}",
        Errno.message(-error));
    // All waiting callers get an error, and the other threads see the end of the mount.
    if (Mounts.umount2(mountPoint, Mounts.MNT_FORCE | Mounts.UMOUNT_NOFOLLOW) < 0) {
      Fusermount.unmount(mountPoint, true);
    }
  }
}
