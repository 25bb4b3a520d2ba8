package dev.lamina.fuse.kernel;

import dev.lamina.fuse.LongWork;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.ProcessCalls;
import java.util.concurrent.CompletableFuture;

/**
 * The loop of one thread that receives requests through an entry of a ring, has them handled, and
 * answers them. The thread runs on the callers' processor, so that no other processor has to be
 * woken for each request.
 */
final class RingWorker {
  private final Session session;
  private final Service service;
  private final Rings rings;
  private final RingEntry entry;
  private final Request request;

  /** Takes ownership of the entry. */
  RingWorker(Session session, Service service, Rings rings, RingEntry entry) {
    this.session = session;
    this.service = service;
    this.rings = rings;
    this.entry = entry;
    request = entry.request();
  }

  /**
   * Serves until the file system is unmounted.
   *
   * @param whenOffered run when the entry has been registered
   * @param whenRefused run if the kernel refuses the entry
   */
  void run(Runnable whenOffered, Runnable whenRefused) {
    if (ProcessCalls.mayRunOn(entry.queue())) {
      ProcessCalls.pinThread(entry.queue());
    }
    int received = entry.offer();
    if (received >= 0) {
      whenOffered.run();
      received = entry.receive();
    }
    if (received < 0 && !isEnd(received)) {
      // Unless every processor has a ring the kernel sends requests through the device.
      Log.warn(
          RingWorker.class, "the kernel refused a ring of io_uring: {}", Errno.message(-received));
      entry.close();
      whenRefused.run();
      return;
    }
    while (received >= 0) {
      received = entry.answer(serve());
    }
    if (isEnd(received)) {
      entry.close();
    } else {
      // The kernel may still use the memory of the entry, so it is not freed.
      session.fail(received);
    }
  }

  /** Returns whether an error says that the file system is unmounted, or about to be. */
  private static boolean isEnd(int result) {
    return switch (-result) {
      case Errno.ENOTCONN, Errno.ENODEV, Errno.ECONNABORTED, Errno.ENOENT, Errno.ECANCELED -> true;
      default -> false;
    };
  }

  /** Handles a request. Nothing is thrown, and there is an answer in any case. */
  private int serve() {
    try {
      int result = handle();
      while (result == Dispatcher.DEFERRED) {
        int errno = await();
        result = errno == 0 ? handle() : -errno;
      }
      return result == Dispatcher.NO_ANSWER ? -Errno.ENOSYS : result;
    } catch (Throwable e) {
      Dispatcher.log(request.opcode(), e);
      return -Errno.EIO;
    }
  }

  private int handle() {
    if (!entry.load(request)) {
      Log.error(RingWorker.class, "the kernel sent a malformed request through a ring");
      return -Errno.EIO;
    }
    return service.dispatcher().handle(request);
  }

  /**
   * Waits with the request. The kernel gets its entry back only with the answer, so another entry
   * replaces it meanwhile.
   *
   * @return 0 to run the request again, otherwise the errno to answer it with
   */
  private int await() {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    long unique = request.unique();
    LongWork work = request.takeWork();
    service.parking().parkOfRing(unique, request.context.pid, work, end::complete);
    try {
      return end.isDone() ? end.join() : awaitStoodInFor(end, work.nodeid());
    } finally {
      service.parking().forget(unique);
    }
  }

  private int awaitStoodInFor(CompletableFuture<Integer> end, long nodeid) {
    entry.keepRequestOnly();
    rings.park(entry.queue(), nodeid);
    try {
      return end.join();
    } finally {
      rings.unpark(entry.queue());
    }
  }
}
