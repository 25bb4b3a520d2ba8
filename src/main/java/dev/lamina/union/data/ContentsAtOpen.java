package dev.lamina.union.data;

import dev.lamina.fuse.Notifier;
import dev.lamina.layer.LayerFile;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.union.inode.Inode;

/**
 * Stores the contents of a small file in the kernel's cache when the file is opened. Most processes
 * that open a file read it, and saving the READ request is a good part of the cost.
 *
 * <p>This is done only for files of lower layers, which do not change, and only once for each
 * inode. No monitor is held meanwhile. As long as {@link Inode#handsOver} is set, no OPEN of the
 * inode is answered:
 *
 * <ul>
 *   <li>An OPEN for reading waits because the kernel stores the contents under the locks of the
 *       file's pages, and a page that is being read remains locked until READ is answered, perhaps
 *       by the very thread that would wait for the lock. Before the first OPEN is answered, nobody
 *       can read.
 *   <li>An OPEN for writing and a truncation wait because the file is copied up first, after which
 *       no contents are stored any more: thus the contents that are stored are never older than a
 *       change that the kernel knows of.
 * </ul>
 *
 * <p>The thread that stores the contents does not wait for any of those that wait here.
 */
public final class ContentsAtOpen {
  /** The largest file in bytes; the kernel reads larger files in parts, ahead of their readers. */
  private static final int LARGEST = ThreadBuffers.SIZE;

  private volatile Notifier kernel = (nodeid, ino) -> {};

  /** Sets the notifier that stores the contents in the kernel's cache. */
  void notifyBy(Notifier notifier) {
    kernel = notifier;
  }

  /**
   * Waits until an inode's contents are no longer being stored. The caller holds the monitor, which
   * is released meanwhile.
   */
  static void await(Inode inode) {
    boolean isInterrupted = false;
    while (inode.handsOver) {
      try {
        inode.wait();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits likewise before an inode on the upper is changed, for callers without its monitor. */
  public static void awaitBeforeChange(Inode inode) {
    if (inode.handsOver) {
      synchronized (inode) {
        await(inode);
      }
    }
  }

  /**
   * Begins to store the contents if a lower file is opened for the first time. Needs the inode's
   * monitor.
   *
   * @return the number of bytes for {@link #handOver}, which must follow; 0 if nothing is stored
   */
  int begin(Inode inode, LayerFile file) {
    boolean isFirst = !inode.isOpened;
    inode.isOpened = true;
    if (!isFirst || !kernel.takesContents()) {
      return 0;
    }
    Stat stat = new Stat();
    if (Linux.fstat(file.backingFd(), stat) < 0 || stat.size > LARGEST) {
      return 0;
    }
    inode.handsOver = stat.size > 0;
    return (int) stat.size;
  }

  /** Stores the contents; called without the inode's monitor. */
  void handOver(Inode inode, LayerFile file, int size) {
    try {
      long address = ThreadBuffers.ofThread().value();
      // An error is ignored: the process that reads the file will get it.
      if (file.read(address, size, 0) == size) {
        kernel.contents(inode.nodeid, address, size);
      }
    } finally {
      synchronized (inode) {
        inode.handsOver = false;
        inode.notifyAll();
      }
    }
  }
}
