package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;

/**
 * Says that a request has to wait for work under way. {@link Notifier#await} throws it in
 * transports that run the request again instead of blocking a thread. The request has changed
 * nothing by then, and gives back what it holds as after any other failure.
 */
public final class DeferredException extends ErrnoException {
  private static final long serialVersionUID = 1L;

  private final transient LongWork work;

  public DeferredException(LongWork work) {
    super(Errno.EINTR);
    this.work = work;
  }

  /** Returns the work that the request waits for. */
  public LongWork work() {
    return work;
  }
}
