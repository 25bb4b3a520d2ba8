package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.SpaceRetry;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeTable;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Copy-up: makes an upper copy of a lower object, with all its data and metadata, in the work
 * directory and renames it into place. The copy appears whole or not at all.
 *
 * <p>An inode has at most one copy-up at a time, which serves all requests that need it. They wait
 * for it as the transport waits ({@link Notifier#await}) and hold nothing meanwhile. A large file
 * is copied by one of the {@link CopyThreads}; the request that began the copy-up waits like the
 * others.
 *
 * <p>No monitor is held while data is copied; the monitors of the directory and the inode are held
 * while the copy is put into place.
 */
public final class CopyUp {
  private final InodeTable table;
  private final CopyBuilder builder;
  private final CopyPlacement placement;
  private final ObjectCopy copy;
  private final CopyThreads threads;
  private final SpaceRetry retry;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  /**
   * @param threads the threads that copy large files; {@link #close} closes them
   * @param retry runs a copy in one of these threads again when it has run out of space
   */
  public CopyUp(
      InodeTable table,
      CopyBuilder builder,
      CopyPlacement placement,
      ObjectCopy copy,
      CopyThreads threads,
      SpaceRetry retry) {
    this.table = table;
    this.builder = builder;
    this.placement = placement;
    this.copy = copy;
    this.threads = threads;
    this.retry = retry;
  }

  /**
   * Sets the notifier that tells the kernel that a copy has a change time and a link count of its
   * own.
   */
  public void notifyBy(Notifier kernel) {
    notifier = kernel;
    copy.notifyBy(kernel);
  }

  /** Abandons the copy-ups that are under way. */
  public void close() {
    threads.close();
  }

  /**
   * Makes sure that an inode of any type lies on the upper with its data.
   *
   * @throws ErrnoException EROFS on a read-only mount; the error of a step that has failed (ENOSPC
   *     for example), in which case nothing has changed; or what {@link Notifier#await} throws
   */
  public void copyUp(Inode inode) throws ErrnoException {
    copyUp(inode, null);
  }

  /**
   * Makes sure that an inode lies on the upper before it is truncated.
   *
   * @param truncation if this call has made the copy, the copy is truncated already and the
   *     truncation holds a descriptor of it; null if all of the data is needed
   */
  public void copyUp(Inode inode, Truncation truncation) throws ErrnoException {
    if (inode.isDirectory()) {
      directory(inode);
    } else {
      object(inode, truncation);
    }
  }

  /** Makes sure that a directory, and with it all directories above it, has an upper part. */
  public void directory(Inode directory) throws ErrnoException {
    builder.checkWritable();
    // From the topmost missing one down. A loop, not recursion: trees may be deeper than the stack.
    Deque<Inode> missing = new ArrayDeque<>();
    for (Inode at = directory; !at.isUpper(); ) {
      missing.push(at);
      Dentry name = at.name();
      if (name == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      at = name.parent;
    }
    for (Inode at : missing) {
      oneDirectory(at);
      notifier.attributesChanged(at.nodeid, at.number);
    }
  }

  private void oneDirectory(Inode directory) throws ErrnoException {
    LongWork work = begin(directory);
    if (work == null) {
      return;
    }
    try {
      placement.placeDirectory(directory, builder.directory(directory.place()));
    } finally {
      directory.endCopyUp(work, 0);
    }
  }

  /**
   * Begins the copy-up of an inode in the calling thread, which must end it. If another thread has
   * begun it, this waits for that one.
   *
   * @return null if nothing is left to be copied
   */
  private LongWork begin(Inode inode) throws ErrnoException {
    while (true) {
      LongWork other;
      synchronized (inode) {
        if (inode.isDirectory() ? inode.isUpper() : inode.hasUpperData()) {
          return null;
        }
        other = inode.copyUp;
        if (other == null) {
          inode.copyUp = new LongWork(inode.nodeid);
          return inode.copyUp;
        }
      }
      notifier.await(other);
    }
  }

  private void object(Inode inode, Truncation truncation) throws ErrnoException {
    while (!inode.hasUpperData()) {
      builder.checkWritable();
      Dentry name = inode.name();
      if (name != null) {
        directory(name.parent);
      }
      LongWork work = begin(inode);
      if (work != null) {
        attempt(inode, truncation, work);
      }
    }
  }

  /** Makes one attempt at a copy-up that the calling thread has begun. */
  private void attempt(Inode inode, Truncation truncation, LongWork work) throws ErrnoException {
    boolean isOwn = true;
    try {
      CopySource source = CopySource.of(inode);
      Truncation possible = mayTruncate(inode, source, truncation) ? truncation : null;
      long size = possible == null ? source.stat().size : possible.size();
      if (source.stat().isRegular() && size > CopyThreads.LARGE) {
        isOwn = !handOver(inode, source, work);
      }
      if (isOwn) {
        copy.copy(inode, source, possible, work);
      }
    } catch (ErrnoException e) {
      if (truncation == null || !truncation.wasRefused()) {
        throw e;
      }
    } finally {
      if (isOwn) {
        inode.endCopyUp(work, 0);
      }
    }
    if (!isOwn) {
      notifier.await(work);
    }
  }

  /** Returns whether the copy may leave data out; a file that becomes longer needs all of it. */
  private static boolean mayTruncate(Inode inode, CopySource source, Truncation truncation) {
    return truncation != null
        && truncation.size() < source.stat().size
        && truncation.size() < CopyThreads.LARGE
        && !inode.isUpper()
        && !isReadByKernel(inode);
  }

  /** Returns whether a successor will need the data, after which the truncation is tried again. */
  private static boolean isReadByKernel(Inode inode) {
    synchronized (inode) {
      return inode.lowerBackings > 0;
    }
  }

  /**
   * Hands a copy-up over to another thread.
   *
   * @return false if there is no thread for it; then the copy-up is still the caller's
   */
  private boolean handOver(Inode inode, CopySource source, LongWork work) throws ErrnoException {
    // If nobody waits for the inode any more, the kernel may forget it.
    if (!table.use(inode, true)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    Runnable task = new CopyTask(table, copy, retry, inode, source, work);
    boolean isStarted = threads.start(work, source.layer(), source.stat().size, task);
    if (!isStarted) {
      table.forget(inode, 1);
    }
    return isStarted;
  }
}
