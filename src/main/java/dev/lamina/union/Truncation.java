package dev.lamina.union;

import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;

/**
 * The cutting off of a lower file that comes with its copy-up: what is cut off is not copied. The
 * caller that asks for it gets a descriptor of the copy before that is put in place, so that
 * nothing can fail any more once the data has gone.
 */
final class Truncation {
  /** What else is to be done with the copy, by a descriptor of it, before it is put in place. */
  @FunctionalInterface
  interface Preparation {
    /** 0 or the negative errno. */
    int prepare(int fd);
  }

  private static final int WRITING = OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW;

  private final long size;
  private final int flags;
  private final Preparation preparation;
  private int fd = -1;
  private boolean isRefused;

  /**
   * @param size that the file gets, in bytes
   * @param flags of open(2), of the descriptor that the caller gets
   */
  Truncation(long size, int flags, Preparation preparation) {
    this.size = size;
    this.flags = flags & ~OpenFlags.O_TRUNC;
    this.preparation = preparation;
  }

  /** Bytes to copy. */
  long size() {
    return size;
  }

  /** Opens a copy that has the metadata of its source, and makes of it what the caller wants. */
  void prepare(int dirfd, byte[] copy) throws ErrnoException {
    fd = ErrnoException.check(Linux.openat(dirfd, copy, flags, 0));
    // It has that size; this is for the times, which are the moment's, unless others are set.
    boolean isWritable = OpenFlags.isWritable(flags);
    int writer = isWritable ? fd : Linux.openat(dirfd, copy, WRITING, 0);
    int result = writer < 0 ? writer : Linux.ftruncate(writer, size);
    if (!isWritable && writer >= 0) {
      Linux.close(writer);
    }
    if (result == 0) {
      result = preparation.prepare(fd);
    }
    if (result < 0) {
      undo();
      throw ErrnoException.of(-result);
    }
  }

  /** The copy has not been put in place. */
  void undo() {
    if (fd >= 0) {
      Linux.close(fd);
      fd = -1;
    }
  }

  /** All of the data is to be copied after all. */
  void refuse() {
    isRefused = true;
  }

  /** Whether a copy was not put in place for that alone; told once. */
  boolean wasRefused() {
    boolean was = isRefused;
    isRefused = false;
    return was;
  }

  /** The descriptor, which is the caller's; -1 where the file was on the upper already. */
  int take() {
    int taken = fd;
    fd = -1;
    return taken;
  }
}
