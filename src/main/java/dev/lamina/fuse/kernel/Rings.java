package dev.lamina.fuse.kernel;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.Processors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Rings of io_uring for every processor (FUSE_OVER_IO_URING, Linux 6.14): a request is handled on
 * the processor of its caller. FORGET and INTERRUPT are still read from the device, and
 * notifications written to it.
 *
 * <p>When io_uring has been negotiated, the kernel makes all callers wait until each processor has
 * a ring. So everything that can fail is done before: {@link #prepare} makes the rings and the
 * threads.
 *
 * <p>More entries are made later only to replace those whose request waits for a copy-up, since the
 * kernel gets an entry back only with the answer. They stay until the end of the mount, because an
 * entry cannot be unregistered.
 */
final class Rings {
  /**
   * With more processors than this, no rings are made: those of absent processors would have
   * threads to no purpose.
   */
  private static final int MOST_PROCESSORS = 64;

  /** The largest number of concurrent requests of one processor, replacements not counted. */
  private static final int MOST_FOR_EACH = 16;

  private static final int LEAST_FOR_EACH = 4;
  private static final int WANTED = 64;

  /**
   * The largest numbers of replacement entries, for one processor and for all. Each has a thread, a
   * descriptor, and as much memory as its largest request since it last waited. If more requests
   * wait, other requests on the processor wait too.
   */
  private static final int MOST_STANDING_IN_FOR_EACH = 256;

  private static final int MOST_STANDING_IN = 1024;

  /**
   * The part of the process's limit of descriptors that replacements may use: the others are for
   * the files of the layers.
   */
  private static final int SHARE_STANDING_IN = 4;

  private final DevFuse device;
  private final QueueWakeup wakeup;

  /** The event that the threads wait for; it is null if rings are not used. */
  private final CompletableFuture<Served> agreement = new CompletableFuture<>();

  // Guarded by the monitor.
  private final List<Thread> threads = new ArrayList<>();
  private final int[] standingIn;
  private final int[] parked;
  private int allStandingIn;
  private final int mostStandingIn;

  private record Served(Session session, Service service) {}

  private Rings(DevFuse device, int processors, long descriptors) {
    this.device = device;
    mostStandingIn = (int) Math.min(descriptors / SHARE_STANDING_IN, MOST_STANDING_IN);
    wakeup = new QueueWakeup(device);
    standingIn = new int[processors];
    parked = new int[processors];
  }

  /** Makes the rings and threads; returns null if that is not possible. */
  static Rings prepare(DevFuse device) {
    int processors;
    try {
      processors = Processors.possible();
    } catch (IOException e) {
      Log.debug(Rings.class, "io_uring is not used", e);
      return null;
    }
    if (processors > MOST_PROCESSORS) {
      Log.debug(Rings.class, "io_uring is not used: {} processors are too many", processors);
      return null;
    }
    int forEach = Math.max(LEAST_FOR_EACH, Math.min(WANTED / processors, MOST_FOR_EACH));
    long descriptors = ProcessCalls.raiseLimit(ProcessCalls.RLIMIT_NOFILE);
    Rings rings = new Rings(device, processors, descriptors - (long) processors * forEach);
    try {
      for (int i = 0; i < processors * forEach; i++) {
        int result = rings.add(i % processors, () -> {}, () -> {});
        if (result < 0) {
          Log.debug(Rings.class, "io_uring is not used: {}", Errno.name(-result));
          rings.cancel();
          return null;
        }
      }
      return rings;
    } catch (RuntimeException | OutOfMemoryError e) {
      Log.debug(Rings.class, "io_uring is not used", e);
      rings.cancel();
      return null;
    }
  }

  /** Makes an entry and its thread; returns 0 or the negative errno. */
  private int add(int queue, Runnable whenOffered, Runnable whenRefused) {
    RingEntry[] out = new RingEntry[1];
    int result = RingEntry.open(device, queue, out);
    if (result < 0) {
      return result;
    }
    RingEntry entry = out[0];
    Thread thread = new Thread(() -> serve(entry, whenOffered, whenRefused), "ring-" + queue);
    thread.setDaemon(true);
    try {
      synchronized (this) {
        thread.start();
        threads.add(thread);
      }
    } catch (OutOfMemoryError e) {
      entry.close();
      throw e;
    }
    return 0;
  }

  private void serve(RingEntry entry, Runnable whenOffered, Runnable whenRefused) {
    Served served = agreement.join();
    if (served == null) {
      entry.close();
    } else {
      new RingWorker(served.session, served.service, this, entry).run(whenOffered, whenRefused);
    }
  }

  /**
   * Makes a replacement for an entry whose request waits, so that as many entries as before serve
   * requests that need not wait. Some of these may be in the kernel's queue already.
   *
   * @param nodeid the nodeid of the file that the request waits for
   */
  void park(int queue, long nodeid) {
    if (!reserve(queue)) {
      return;
    }
    int result;
    try {
      result = add(queue, () -> wakeup.send(queue, nodeid), () -> giveUp(queue));
    } catch (OutOfMemoryError e) {
      result = -Errno.ENOMEM;
    }
    if (result < 0) {
      // The system is out of resources; the existing entries go on.
      Log.warn(
          Rings.class,
          "cannot start another io_uring ring; the existing ones continue: {}",
          Errno.message(-result));
      giveUp(queue);
    }
  }

  private synchronized boolean reserve(int queue) {
    parked[queue]++;
    if (parked[queue] <= standingIn[queue]
        || standingIn[queue] >= MOST_STANDING_IN_FOR_EACH
        || allStandingIn >= mostStandingIn) {
      return false;
    }
    standingIn[queue]++;
    allStandingIn++;
    return true;
  }

  private synchronized void giveUp(int queue) {
    standingIn[queue]--;
    allStandingIn--;
  }

  /** Called when a request does not wait any more. */
  synchronized void unpark(int queue) {
    parked[queue]--;
  }

  /** Starts to serve; called after INIT has been answered. */
  void start(Session session, Service service) {
    agreement.complete(new Served(session, service));
  }

  /** Ends the threads unless they already serve, and waits until all of them have ended. */
  void cancel() {
    agreement.complete(null);
    await();
  }

  /** Waits until all threads have ended; called after the unmount. */
  void await() {
    // A worker that handles its last request may still add one.
    for (int i = 0; i < started(); i++) {
      ServiceThreads.awaitEnd(thread(i));
    }
  }

  private synchronized int started() {
    return threads.size();
  }

  private synchronized Thread thread(int index) {
    return threads.get(index);
  }
}
