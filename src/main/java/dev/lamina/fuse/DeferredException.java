package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;

/**
 * A request waits for something, without a thread. What it holds is given back as after any other
 * failure, and it has changed nothing. Thrown where {@link Notifier#await} is called, by transports
 * that run the request again.
 */
public final class DeferredException extends ErrnoException {
  private static final long serialVersionUID = 1L;

  private final transient LongWork work;

  public DeferredException(LongWork work) {
    super(Errno.EINTR);
    this.work = work;
  }

  /** What it waits for. */
  public LongWork work() {
    return work;
  }
}
