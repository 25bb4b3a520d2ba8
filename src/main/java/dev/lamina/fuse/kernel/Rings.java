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
 * Rings of io_uring for every processor (FUSE_OVER_IO_URING, Linux 6.14): what a caller asks is
 * answered on the processor that the caller is on. FORGET and INTERRUPT still come out of the
 * device, and notifications go into it.
 *
 * <p>Once the kernel has been promised rings it makes all callers wait until each processor has
 * one. So everything that can fail is done before: {@link #prepare} makes the rings and the
 * threads.
 *
 * <p>More are made later only to stand in for those whose request waits for a copy-up, since the
 * kernel has an entry back with the answer only. They stay until the end of the mount: the kernel
 * takes no entry back.
 */
final class Rings {
  /** Each takes threads that are never used where the processor is not there. */
  private static final int MOST_PROCESSORS = 64;

  /** Requests of one processor that are worked on at once. */
  private static final int MOST_FOR_EACH = 16;

  private static final int LEAST_FOR_EACH = 4;
  private static final int WANTED = 64;

  /**
   * Entries of one processor, and of all, that stand in for those that wait. Each has a thread, a
   * descriptor, and as much memory as its largest request took since it last waited. With more that
   * wait, others on the processor wait too.
   */
  private static final int MOST_STANDING_IN_FOR_EACH = 256;

  private static final int MOST_STANDING_IN = 1024;

  /** Of the descriptors that the process may have: the files of the layers want theirs. */
  private static final int SHARE_STANDING_IN = 4;

  private final DevFuse device;
  private final QueueWakeup wakeup;

  /** What the threads wait for: null when the kernel has not agreed. */
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

  /** Makes all that is needed to serve; null where it cannot be had. */
  static Rings prepare(DevFuse device) {
    int processors;
    try {
      processors = Processors.possible();
    } catch (IOException e) {
      Log.debug(Rings.class, "no rings", e);
      return null;
    }
    if (processors > MOST_PROCESSORS) {
      Log.debug(Rings.class, "no rings: {} processors", processors);
      return null;
    }
    int forEach = Math.max(LEAST_FOR_EACH, Math.min(WANTED / processors, MOST_FOR_EACH));
    long descriptors = ProcessCalls.raiseLimit(ProcessCalls.RLIMIT_NOFILE);
    Rings rings = new Rings(device, processors, descriptors - (long) processors * forEach);
    try {
      for (int i = 0; i < processors * forEach; i++) {
        int result = rings.add(i % processors, () -> {}, () -> {});
        if (result < 0) {
          Log.debug(Rings.class, "no rings: {}", Errno.name(-result));
          rings.cancel();
          return null;
        }
      }
      return rings;
    } catch (RuntimeException | OutOfMemoryError e) {
      Log.debug(Rings.class, "no rings", e);
      rings.cancel();
      return null;
    }
  }

  /** Makes an entry and its thread; 0 or the negative errno. */
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
   * A request keeps its entry while it waits; an entry that stands in for it is made, so that as
   * many as ever are there for requests that need not wait. Some may have come before it.
   *
   * @param nodeid of the file that it waits for
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
      // The system allows no more; those that are there go on.
      Log.warn(Rings.class, "cannot start another ring: {}", Errno.message(-result));
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

  /** A request waits no more. */
  synchronized void unpark(int queue) {
    parked[queue]--;
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
    // One may still be added by a worker whose request is its last.
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
