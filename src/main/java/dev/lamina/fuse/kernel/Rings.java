package dev.lamina.fuse.kernel;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.Processors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Rings of io_uring for every processor (FUSE_OVER_IO_URING, Linux 6.14): what a caller asks is
 * answered on the processor that the caller is on. FORGET and INTERRUPT still come out of the
 * device, and notifications go into it.
 *
 * <p>Once the kernel has been promised rings it makes all callers wait until each processor has
 * one. So everything that can fail is done before: {@link #prepare} makes the rings and the
 * threads. And it makes all of them there will be: a ring that comes later takes no request that
 * waits already, which would then wait for as long as another one takes (fuse_uring_do_register).
 */
final class Rings {
  /** Each takes threads that are never used where the processor is not there. */
  private static final int MOST_PROCESSORS = 64;

  /**
   * Requests of one processor at once. One that waits for a copy-up keeps its entry, which the
   * kernel has back with the answer only, so this many of them keep all others waiting.
   */
  private static final int MOST_FOR_EACH = 16;

  private static final int LEAST_FOR_EACH = 4;
  private static final int WANTED = 64;

  private final List<Thread> threads = new ArrayList<>();

  /** What the threads wait for: null when the kernel has not agreed. */
  private final CompletableFuture<Served> agreement = new CompletableFuture<>();

  private record Served(Session session, Service service) {}

  private Rings() {}

  /** Makes all that is needed to serve; null where it cannot be had. */
  static Rings prepare(DevFuse device) {
    Rings rings = new Rings();
    try {
      int processors = Processors.possible();
      if (processors > MOST_PROCESSORS) {
        Log.debug(Rings.class, "no rings: {} processors", processors);
        return null;
      }
      int forEach = Math.max(LEAST_FOR_EACH, Math.min(WANTED / processors, MOST_FOR_EACH));
      for (int i = 0; i < processors * forEach; i++) {
        RingEntry[] entry = new RingEntry[1];
        int result = RingEntry.open(device, i % processors, entry);
        if (result < 0) {
          Log.debug(Rings.class, "no rings: {}", Errno.name(-result));
          rings.cancel();
          return null;
        }
        rings.add(entry[0]);
      }
      return rings;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      Log.debug(Rings.class, "no rings", e);
      rings.cancel();
      return null;
    }
  }

  private void add(RingEntry entry) {
    Thread thread = new Thread(() -> serve(entry), "ring-" + entry.queue());
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      entry.close();
      throw e;
    }
    threads.add(thread);
  }

  private void serve(RingEntry entry) {
    Served served = agreement.join();
    if (served == null) {
      entry.close();
    } else {
      new RingWorker(served.session, served.service, entry).run();
    }
  }

  /** Serves from now on, after the kernel has agreed. */
  void start(Session session, Service service) {
    agreement.complete(new Served(session, service));
  }

  /** They will not be used, unless they are already; waits until all threads have ended. */
  void cancel() {
    agreement.complete(null);
    await();
  }

  /** Waits until all threads have ended: after the unmount. */
  void await() {
    threads.forEach(ServiceThreads::awaitEnd);
  }
}
