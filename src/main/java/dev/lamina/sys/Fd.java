package dev.lamina.sys;

/**
 * An open file descriptor with one owner, who closes it. For descriptors that live longer than a
 * method; inside one, a plain int in try/finally costs nothing.
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

  /** The number; it stays the owner's. */
  public int number() {
    if (fd < 0) {
      throw new IllegalStateException("file descriptor is closed");
    }
    return fd;
  }

  /** Gives up ownership: the caller closes the number returned. */
  public int release() {
    int number = number();
    fd = -1;
    return number;
  }

  /** Closes it; a second call does nothing. */
  @Override
  public void close() {
    if (fd >= 0) {
      // EIO at close concerns data that fsync already reported to whoever asked for it.
      Linux.close(fd);
      fd = -1;
    }
  }
}
