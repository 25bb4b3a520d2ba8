package dev.lamina.fuse.kernel;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Processors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ring of io_uring for every processor (FUSE_OVER_IO_URING, Linux 6.14): what a caller asks is
 * answered on the processor that the caller is on. FORGET and INTERRUPT still come out of the
 * device, and notifications go into it.
 *
 * <p>Once the kernel has been promised rings it makes all callers wait until each processor has
 * one. So everything that can fail is done before: {@link #prepare} makes the rings and the
 * threads.
 */
final class Rings {
  private static final Logger LOG = LoggerFactory.getLogger(Rings.class);

  /** Each takes a thread that is never used where the processor is not there. */
  private static final int MOST_PROCESSORS = 64;

  private final DevFuse device;
  private final List<Thread> threads = new ArrayList<>();

  /** What the threads wait for: null when the kernel has not agreed. */
  private final CompletableFuture<Service> agreement = new CompletableFuture<>();

  private record Service(Session session, Dispatcher dispatcher, int maxWorkers) {}

  private Rings(DevFuse device) {
    this.device = device;
  }

  /** Makes all that is needed to serve; null where it cannot be had. */
  static Rings prepare(DevFuse device) {
    Rings rings = new Rings(device);
    try {
      int processors = Processors.possible();
      if (processors > MOST_PROCESSORS) {
        LOG.debug("no rings: {} processors", processors);
        return null;
      }
      for (int queue = 0; queue < processors; queue++) {
        RingEntry[] entry = new RingEntry[1];
        int result = RingEntry.open(device, queue, entry);
        if (result < 0) {
          LOG.debug("no rings: {}", Errno.name(-result));
          rings.cancel();
          return null;
        }
        rings.add(queue, entry[0]);
      }
      return rings;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      LOG.debug("no rings", e);
      rings.cancel();
      return null;
    }
  }

  private void add(int queue, RingEntry entry) {
    Thread thread = new Thread(() -> serve(queue, entry), "ring-" + queue);
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      entry.close();
      throw e;
    }
    threads.add(thread);
  }

  private void serve(int queue, RingEntry entry) {
    Service service = agreement.join();
    if (service == null) {
      entry.close();
      return;
    }
    ServiceThreads[] pool = new ServiceThreads[1];
    pool[0] =
        new ServiceThreads(
            "ring-" + queue,
            service.maxWorkers,
            () -> new RingWorker(service.session, service.dispatcher, pool[0], another(queue)));
    pool[0].run(new RingWorker(service.session, service.dispatcher, pool[0], entry));
  }

  /** They will not be used. */
  void cancel() {
    agreement.complete(null);
    await();
  }

  /** Serves from now on, after the kernel has agreed. */
  void start(Session session, Dispatcher dispatcher, int maxWorkers) {
    agreement.complete(new Service(session, dispatcher, maxWorkers));
  }

  private RingEntry another(int queue) {
    RingEntry[] entry = new RingEntry[1];
    int result = RingEntry.open(device, queue, entry);
    if (result < 0) {
      throw new IllegalStateException("no ring: " + Errno.name(-result));
    }
    return entry[0];
  }

  /** Waits until all threads have ended: after the unmount. */
  void await() {
    boolean interrupted = false;
    for (Thread thread : threads) {
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
}
