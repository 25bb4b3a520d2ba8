package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.SpaceRetry;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Log;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeTable;

/** The copy-up of one large file, which one of the {@link CopyThreads} runs and ends. */
final class CopyTask implements Runnable {
  private final InodeTable table;
  private final ObjectCopy copy;
  private final SpaceRetry retry;
  private final Inode inode;
  private final CopySource source;
  private final LongWork work;

  /**
   * @param retry runs the copy again when it has run out of space
   * @param inode is in use by this task until it ends (see {@link InodeTable#use})
   */
  CopyTask(
      InodeTable table,
      ObjectCopy copy,
      SpaceRetry retry,
      Inode inode,
      CopySource source,
      LongWork work) {
    this.table = table;
    this.copy = copy;
    this.retry = retry;
    this.inode = inode;
    this.source = source;
    this.work = work;
  }

  @Override
  public void run() {
    int errno = Errno.EIO;
    try {
      errno = copyWhenThereIsSpace();
    } catch (Throwable e) {
      Log.error(CopyTask.class, "a copy-up has failed", e);
    } finally {
      table.forget(inode, 1);
      inode.endCopyUp(work, errno);
    }
  }

  /** Copies, again if space runs out and may be freed; returns 0 or the errno. */
  private int copyWhenThereIsSpace() {
    try {
      return retry.run(
          copied -> {
            copy.copy(copied, source, null, work);
            return 0;
          },
          inode);
    } catch (ErrnoException e) {
      return e.errno();
    }
  }
}
