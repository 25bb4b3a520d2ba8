package dev.lamina.fuse.kernel;

import dev.lamina.fuse.LongWork;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.ProcessCalls;
import java.util.concurrent.CompletableFuture;

/**
 * One thread's loop: takes a request out of its entry of a ring, has it handled, puts the answer
 * in. It stays on the processor that the caller is on, which saves waking another one for each
 * request.
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
   * @param whenOffered run once the kernel has the entry
   * @param whenRefused run where it does not take it
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
      // Without a ring for each processor the kernel goes back to the device.
      Log.warn(RingWorker.class, "a ring is refused: {}", Errno.message(-received));
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
      // The kernel may still use the entry's memory, which is kept.
      session.fail(received);
    }
  }

  /** What the kernel says of an entry once the mount has gone, or is about to. */
  private static boolean isEnd(int result) {
    return switch (-result) {
      case Errno.ENOTCONN, Errno.ENODEV, Errno.ECONNABORTED, Errno.ENOENT, Errno.ECANCELED -> true;
      default -> false;
    };
  }

  /** Whatever happens, the worker lives on and there is an answer. */
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
   * Waits with the request, whose entry the kernel gets back with the answer only; another entry
   * stands in for it.
   *
   * @return 0 to run it again, else the errno to answer it with
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
