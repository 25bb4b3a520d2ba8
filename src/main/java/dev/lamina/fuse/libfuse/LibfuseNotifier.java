package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.WaitingCaller;
import dev.lamina.sys.ErrnoException;

/** The notifications that libfuse allows a file system to send, and the waiting of operations. */
final class LibfuseNotifier implements Notifier {
  private final Libfuse library;
  private final Channel channel;
  private final Session session;

  LibfuseNotifier(Libfuse library, Channel channel, Session session) {
    this.library = library;
    this.channel = channel;
    this.session = session;
  }

  @Override
  public void attributesChanged(long nodeid, long ino) {
    channel.attributesChanged(ino);
  }

  /** {@inheritDoc} Waits in the calling thread: libfuse cannot run an operation again. */
  @Override
  public void await(LongWork work) throws ErrnoException {
    int caller = Request.current().context.pid;
    ErrnoException.check(-work.await(() -> session.hasEnded() || isKilled(caller)));
  }

  private boolean isKilled(int caller) {
    return library.fuse_interrupted() != 0 && WaitingCaller.isBeingKilled(caller);
  }
}
