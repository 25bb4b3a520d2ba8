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
 * The requests that wait without a thread, and the signals that came to their callers
 * (fuse_interrupt's rules, "Interrupting filesystem operations" of the kernel's fuse.rst). Each
 * request leaves by exactly one way: the end of what it waits for, the death of its caller, or the
 * end of the mount.
 *
 * <p>The kernel tells of the first signal only. It may be a harmless one with a deadly one after
 * it, so from then on the caller is looked at again and again.
 */
final class Parking implements AutoCloseable {
  /** A killed process is not kept longer by it, and by many that wait no longer than the last. */
  private static final long LOOK_MILLIS = 50;

  private static final long MOST_LOOK_MILLIS = 200;

  /**
   * Signals that are kept for requests which do not wait yet: those under way, of which there are
   * no more than threads. Of all others they are kept in vain.
   */
  private static final int MOST_EARLY = 1024;

  // All guarded by the monitor.
  private final Map<Long, ParkedRequest> parked = new HashMap<>();

  /** Requests whose callers may have got a signal, parked or not, oldest first. */
  private final Set<Long> signalled = new LinkedHashSet<>();

  /** Requests taken out whose continuation has not returned. */
  private int leaving;

  private boolean isClosed;
  private boolean isLooking;

  /**
   * Lets a request wait.
   *
   * @param continuation called once, perhaps before this returns, by any thread; not called where
   *     the mount has gone first
   */
  void park(long unique, int caller, LongWork work, ParkedRequest.Continuation continuation) {
    park(unique, caller, work, false, continuation);
  }

  /**
   * Lets a request wait that came through a ring. Where its caller had a signal pending when it was
   * sent the kernel tells of no signal at all, unlike of one that is read from the device
   * (fuse_dev_do_read queues an interrupt for it, fs/fuse/dev_uring.c does not): so its caller is
   * looked at from the beginning. To be followed by {@link #forget}.
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
      // Answered between the two: nobody waits for the work.
      work.leave(request);
    } else if (isSignalled) {
      look(request);
    }
  }

  private synchronized boolean isParked(ParkedRequest request) {
    return parked.get(request.unique()) == request;
  }

  /** Lets a request go on; does nothing where somebody else has. */
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

  /** A signal came to the caller of a request. */
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

  /** The request has been answered. */
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
        Log.warn(Parking.class, "a killed process may have to wait", e);
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
          // The others' callers must still be looked at.
          Log.warn(Parking.class, "a killed process may have to wait", e);
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

  /** Those to look at; none means that the looking thread ends. */
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
   * The mount has gone, and with it whoever waited for an answer. No continuation runs any more
   * after this.
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
