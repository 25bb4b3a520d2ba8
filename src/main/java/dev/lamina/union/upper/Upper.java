package dev.lamina.union.upper;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.util.List;

/**
 * The writable layer of one mount and all that belongs to it; on a read-only mount, its absence.
 */
public final class Upper implements AutoCloseable {
  private static final byte[] DOT = {'.'};

  private final Durability durability;
  private final Traps traps;
  private final List<DirectoryLock> locks;

  /** Null if nothing can be written. */
  private final WorkDirectory work;

  private final String whyReadOnly;

  /**
   * @param traps the directories that no layer may show
   * @param locks held for as long as the mount uses the directories; ownership passes here
   * @param work null if nothing can be written; ownership passes here
   * @param whyReadOnly see {@link #whyReadOnly()}
   */
  Upper(
      Durability durability,
      Traps traps,
      List<DirectoryLock> locks,
      WorkDirectory work,
      String whyReadOnly) {
    this.durability = durability;
    this.traps = traps;
    this.locks = List.copyOf(locks);
    this.work = work;
    this.whyReadOnly = whyReadOnly;
  }

  /** Returns what a mount without an upper directory has. */
  public static Upper none(Durability durability) {
    return new Upper(durability, new Traps(), List.of(), null, null);
  }

  /** Returns whether anything can be written. */
  public boolean isWritable() {
    return work != null;
  }

  /** Returns the work directory; null if nothing can be written. */
  public WorkDirectory work() {
    return work;
  }

  /** Returns the directories that no layer may show. */
  public Traps traps() {
    return traps;
  }

  /** Returns whether changes are forced to stable storage. */
  public Durability durability() {
    return durability;
  }

  /** Returns the format of the marks in the upper; kernel overlayfs's if there is none. */
  public UpperFormat format() {
    return work == null ? UpperFormat.KERNEL : work.format();
  }

  /**
   * Returns the reason, in words for the user, why nothing can be written although an upper
   * directory was given; null if there is no such reason.
   */
  public String whyReadOnly() {
    return whyReadOnly;
  }

  /**
   * Leaves the mark of a volatile mount in the work directory until {@link #close}.
   *
   * @throws IllegalStateException if the mark cannot be made
   */
  public void markVolatile() {
    int result = durability.isVolatile() && work != null ? work.markVolatile() : 0;
    if (result < 0) {
      throw new IllegalStateException(
          "cannot mark the work directory as volatile: " + Errno.message(-result));
    }
  }

  /** Writes the file system of the upper to stable storage (syncfs(2)), unless it is volatile. */
  public void sync() throws ErrnoException {
    if (durability.isVolatile() || work == null) {
      return;
    }
    // syncfs(2) does not take a descriptor that was opened with O_PATH.
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int fd = ErrnoException.check(Linux.openat(work.fd(), DOT, flags, 0));
    try {
      ErrnoException.check(ServiceThreads.block(() -> Linux.syncfs(fd)));
    } finally {
      Linux.close(fd);
    }
  }

  @Override
  public void close() {
    if (work != null) {
      work.close();
    }
    locks.forEach(DirectoryLock::close);
  }
}
