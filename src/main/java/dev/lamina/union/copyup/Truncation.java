package dev.lamina.union.copyup;

import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;

/**
 * The truncation of a lower file together with its copy-up: data that would be cut off is not
 * copied. The caller gets a descriptor of the copy, which is opened before the copy is put into
 * place, so that nothing can fail once the data is gone.
 */
public final class Truncation {
  /** Other changes of the copy, made by its descriptor before it is put into place. */
  @FunctionalInterface
  public interface Preparation {
    /** Makes no changes. */
    Preparation NOTHING = fd -> 0;

    /** Makes the changes; returns 0 or the negative errno. */
    int prepare(int fd);
  }

  private static final int WRITING = OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW;

  private final long size;
  private final int flags;
  private final Preparation preparation;
  private int fd = -1;
  private boolean isRefused;

  /**
   * @param size the new size of the file, in bytes
   * @param flags the flags of open(2) for the descriptor that the caller gets
   */
  public Truncation(long size, int flags, Preparation preparation) {
    this.size = size;
    this.flags = flags & ~OpenFlags.O_TRUNC;
    this.preparation = preparation;
  }

  /** Returns the number of bytes to copy. */
  long size() {
    return size;
  }

  /** Opens a copy that has its original's metadata, and makes the changes that the caller wants. */
  void prepare(int dirfd, byte[] copy) throws ErrnoException {
    fd = ErrnoException.check(Linux.openat(dirfd, copy, flags, 0));
    // The copy has that size already. This sets its times to now, unless others are set.
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

  /**
   * Closes the descriptor of a copy that was not put into place, before the copy is removed: some
   * file systems keep a name of what is removed while it is open.
   *
   * @param truncation may be null
   */
  static void undo(Truncation truncation) {
    if (truncation != null) {
      truncation.undo();
    }
  }

  private void undo() {
    if (fd >= 0) {
      Linux.close(fd);
      fd = -1;
    }
  }

  /** Records that all of the data must be copied after all. */
  void refuse() {
    isRefused = true;
  }

  /** Returns whether that is why a copy was not put into place, and clears the record. */
  boolean wasRefused() {
    boolean was = isRefused;
    isRefused = false;
    return was;
  }

  /** Returns the descriptor, which the caller closes; -1 if the file was on the upper already. */
  public int take() {
    int taken = fd;
    fd = -1;
    return taken;
  }
}
