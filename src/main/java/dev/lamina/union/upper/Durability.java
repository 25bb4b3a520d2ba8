package dev.lamina.union.upper;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;

/** Decides whether changes are forced to stable storage or not (option {@code volatile}). */
public enum Durability {
  /** Copy-ups and requests to synchronize are written to stable storage. */
  SYNCHRONOUS,

  /** Nothing is written to stable storage explicitly: a crash may lose any of it. */
  VOLATILE;

  /** Returns whether requests to synchronize do nothing. */
  public boolean isVolatile() {
    return this == VOLATILE;
  }

  /**
   * Writes a file to stable storage (fsync(2)), unless the mount is volatile.
   *
   * @param dataOnly whether to leave out metadata that is not needed to read the data
   *     (fdatasync(2))
   * @throws ErrnoException with the errno of the call
   */
  public void fsync(int fd, boolean dataOnly) throws ErrnoException {
    if (this == SYNCHRONOUS) {
      ErrnoException.check(
          ServiceThreads.block(() -> dataOnly ? Linux.fdatasync(fd) : Linux.fsync(fd)));
    }
  }
}
