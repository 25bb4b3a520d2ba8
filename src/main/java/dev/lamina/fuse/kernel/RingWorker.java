package dev.lamina.fuse.kernel;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ProcessCalls;
import org.slf4j.LoggerFactory;

/**
 * One thread's loop: takes a request out of its entry of a ring, has it handled, puts the answer
 * in. It stays on the processor that the caller is on, which saves waking another one for each
 * request.
 */
final class RingWorker implements ServiceThreads.Worker {
  private final Session session;
  private final Dispatcher dispatcher;
  private final ServiceThreads threads;
  private final RingEntry entry;
  private final Request request;

  /** Takes ownership of the entry. */
  RingWorker(Session session, Dispatcher dispatcher, ServiceThreads threads, RingEntry entry) {
    this.session = session;
    this.dispatcher = dispatcher;
    this.threads = threads;
    this.entry = entry;
    request = entry.newRequest();
  }

  /** Serves until the file system is unmounted. */
  @Override
  public void run() {
    // Where this process is kept off that processor, it serves from another.
    ProcessCalls.pinThread(entry.queue());
    int received = entry.register();
    while (received >= 0) {
      threads.begin();
      int result = serve();
      threads.end();
      received = entry.answer(result);
    }
    if (received != -Errno.ENOTCONN
        && received != -Errno.ENODEV
        && received != -Errno.ECONNABORTED) {
      session.fail(received);
    }
  }

  /** Whatever happens, the worker lives on and there is an answer. */
  private int serve() {
    try {
      if (!entry.load(request)) {
        LoggerFactory.getLogger(RingWorker.class).error("malformed request");
        return -Errno.EIO;
      }
      int result = dispatcher.handle(request);
      return result == Dispatcher.NO_ANSWER ? -Errno.ENOSYS : result;
    } catch (Throwable e) {
      Dispatcher.log(request.opcode(), e);
      return -Errno.EIO;
    }
  }

  @Override
  public void close() {
    entry.close();
  }
}
