package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.layer.LayerFile;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/**
 * Hands the contents of small files over when they are opened: most who open a file read it, and a
 * request less is a good part of what that costs.
 *
 * <p>Only files of lower layers, which do not change, and only once for each inode. No monitor is
 * held meanwhile; while {@link Inode#handsOver} is set, no OPEN of the inode is answered:
 *
 * <ul>
 *   <li>Not one for reading. The kernel stores the contents under the locks of the file's pages,
 *       and a page that somebody reads is locked until READ is answered, perhaps by the very thread
 *       that would wait for it. Before the first OPEN is answered there is nobody to read.
 *   <li>Not one for writing, and no truncation. Who changes the file copies it up first, after
 *       which nothing begins to be handed over, and then waits: what is stored is never older than
 *       what the kernel has been told since.
 * </ul>
 *
 * The one who hands over waits for nobody who waits here.
 */
final class ContentsAtOpen {
  /** Bytes; larger files are read in parts, ahead of their readers. */
  private static final int LARGEST = Buffers.SIZE;

  private volatile Notifier kernel = (nodeid, ino) -> {};

  void notifyBy(Notifier notifier) {
    kernel = notifier;
  }

  /** Waits until nobody hands an inode's contents over; under its monitor, which is given up. */
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

  /** The same before an inode on the upper is changed; without its monitor. */
  static void awaitBeforeChange(Inode inode) {
    if (inode.handsOver) {
      synchronized (inode) {
        await(inode);
      }
    }
  }

  /**
   * Begins, for the first who opens a lower file; under the inode's monitor.
   *
   * @return the bytes to {@link #handOver}, which must follow; 0 for none
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

  /** Without the inode's monitor. */
  void handOver(Inode inode, LayerFile file, int size) {
    try {
      long address = Buffers.ofThread().value();
      // An error is for whoever reads.
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
