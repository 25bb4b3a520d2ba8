package dev.lamina.sys;

/**
 * An open file descriptor with one owner, which closes it. It is for descriptors that live longer
 * than a method; within a method, an int in try/finally costs less.
 */
public final class Fd implements AutoCloseable {
  private int fd;

  /** Takes ownership of {@code fd}, which must be open. */
  public Fd(int fd) {
    if (fd < 0) {
      throw new IllegalArgumentException("not a file descriptor: " + fd);
    }
    this.fd = fd;
  }

  /** Returns the number of the descriptor, which the owner still closes. */
  public int number() {
    if (fd < 0) {
      throw new IllegalStateException("file descriptor is closed");
    }
    return fd;
  }

  /** Gives up ownership: the caller closes the descriptor that is returned. */
  public int release() {
    int number = number();
    fd = -1;
    return number;
  }

  /** Closes the descriptor; a second call does nothing. */
  @Override
  public void close() {
    if (fd >= 0) {
      // The error is ignored: EIO at close concerns data whose errors fsync reports to its callers.
      Linux.close(fd);
      fd = -1;
    }
  }
}
