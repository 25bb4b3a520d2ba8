package dev.lamina.fuse.kernel;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.WaitingCaller;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The requests that wait without a thread, and the signals that were sent to their callers (see
 * "Interrupting filesystem operations" in the kernel's fuse.rst). Each request is resumed exactly
 * once: by the end of what it waits for, by the death of its caller, or by the end of the mount.
 *
 * <p>The kernel reports the first signal only. It may be a harmless one that a fatal one follows,
 * so from then on the caller's state is polled.
 */
final class Parking implements AutoCloseable {
  /**
   * The interval of polling, which is how long a killed process may have to wait. With many waiting
   * requests it grows by one millisecond for each, up to the maximum below.
   */
  private static final long LOOK_MILLIS = 50;

  private static final long MOST_LOOK_MILLIS = 200;

  /**
   * How many signals are kept for requests that do not wait yet. Only requests being handled can
   * still come to wait, of which there are no more than threads; signals of all others are kept to
   * no purpose.
   */
  private static final int MOST_EARLY = 1024;

  // All guarded by the monitor.
  private final Map<Long, ParkedRequest> parked = new HashMap<>();

  /** The requests, parked or not, whose callers may have received a signal, oldest first. */
  private final Set<Long> signalled = new LinkedHashSet<>();

  /** The number of requests that were taken out and whose continuation has not returned. */
  private int leaving;

  private boolean isClosed;
  private boolean isLooking;

  /**
   * Parks a request.
   *
   * @param continuation called once by any thread, perhaps before this method returns
   */
  void park(long unique, int caller, LongWork work, ParkedRequest.Continuation continuation) {
    park(unique, caller, work, false, continuation);
  }

  /**
   * Parks a request that came through a ring. If a signal was pending for the caller when the
   * request was sent, the kernel does not report it, as it does for a request that is read from the
   * device (fuse_dev_do_read queues an interrupt for it, fs/fuse/dev_uring.c does not). So the
   * caller is polled from the beginning. {@link #forget} must be called afterwards.
   */
  void parkOfRing(long unique, int caller, LongWork work, ParkedRequest.Continuation continuation) {
    park(unique, caller, work, true, continuation);
  }

  private void park(
      long unique,
      int caller,
      LongWork work,
      boolean isLookedAt,
      ParkedRequest.Continuation continuation) {
    ParkedRequest request = new ParkedRequest(this, unique, caller, work, continuation);
    boolean isSignalled;
    boolean isLate;
    synchronized (this) {
      isLate = isClosed;
      if (isLookedAt) {
        signalled.add(unique);
      }
      isSignalled = signalled.contains(unique);
      if (!isLate) {
        parked.put(unique, request);
      }
    }
    if (isLate) {
      continuation.proceed(Errno.EINTR);
      return;
    }
    int ended = work.join(request);
    if (ended != LongWork.UNDER_WAY) {
      request.ended(ended);
    } else if (!isParked(request)) {
      // The request was answered in between: it does not wait for the work any more.
      work.leave(request);
    } else if (isSignalled) {
      look(request);
    }
  }

  private synchronized boolean isParked(ParkedRequest request) {
    return parked.get(request.unique()) == request;
  }

  /** Resumes a request; does nothing if it has been resumed already. */
  void release(ParkedRequest request, int errno) {
    synchronized (this) {
      if (!parked.remove(request.unique(), request)) {
        return;
      }
      leaving++;
    }
    try {
      request.proceed(errno);
    } finally {
      synchronized (this) {
        leaving--;
        notifyAll();
      }
    }
  }

  /** Records that a signal was sent to the caller of a request. */
  void signal(long unique) {
    ParkedRequest request;
    synchronized (this) {
      request = parked.get(unique);
      signalled.add(unique);
      if (signalled.size() > MOST_EARLY) {
        dropOldest();
      }
    }
    if (request != null) {
      look(request);
    }
  }

  private void dropOldest() {
    Iterator<Long> oldest = signalled.iterator();
    while (oldest.hasNext()) {
      if (!parked.containsKey(oldest.next())) {
        oldest.remove();
        return;
      }
    }
  }

  /** Forgets the signals of a request that has been answered. */
  void forget(long unique) {
    synchronized (this) {
      signalled.remove(unique);
    }
  }

  private void look(ParkedRequest request) {
    if (!giveUpIfKilled(request)) {
      startLooking();
    }
  }

  private boolean giveUpIfKilled(ParkedRequest request) {
    if (!WaitingCaller.isBeingKilled(request.caller())) {
      return false;
    }
    release(request, Errno.EINTR);
    request.work().leave(request);
    return true;
  }

  private synchronized void startLooking() {
    if (!isLooking && !isClosed) {
      Thread thread = new Thread(this::lookWhileNeeded, "callers");
      thread.setDaemon(true);
      try {
        thread.start();
        isLooking = true;
      } catch (OutOfMemoryError e) {
        Log.warn(
            Parking.class,
            "cannot watch for killed processes: they may have to wait for a copy-up to end",
            e);
      }
    }
  }

  private void lookWhileNeeded() {
    List<ParkedRequest> looked = signalledRequests();
    while (!looked.isEmpty()) {
      for (ParkedRequest request : looked) {
        try {
          giveUpIfKilled(request);
        } catch (RuntimeException | Error e) {
          // The callers of the other requests must still be polled.
          Log.warn(Parking.class, "cannot check whether a waiting process is being killed", e);
        }
      }
      try {
        Thread.sleep(Math.min(Math.max(LOOK_MILLIS, looked.size()), MOST_LOOK_MILLIS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      looked = signalledRequests();
    }
  }

  /** Returns the requests whose callers are polled. If there are none, the polling thread ends. */
  private synchronized List<ParkedRequest> signalledRequests() {
    List<ParkedRequest> requests = new ArrayList<>();
    for (Long unique : signalled) {
      ParkedRequest request = parked.get(unique);
      if (request != null) {
        requests.add(request);
      }
    }
    isLooking = !requests.isEmpty();
    return requests;
  }

  /**
   * Resumes all requests with EINTR, since the file system is unmounted. When this method returns
   * no continuation runs any more.
   */
  @Override
  public void close() {
    List<ParkedRequest> left;
    synchronized (this) {
      isClosed = true;
      left = new ArrayList<>(parked.values());
    }
    for (ParkedRequest request : left) {
      release(request, Errno.EINTR);
      request.work().leave(request);
    }
    awaitLeaving();
  }

  private synchronized void awaitLeaving() {
    boolean interrupted = false;
    while (leaving > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
