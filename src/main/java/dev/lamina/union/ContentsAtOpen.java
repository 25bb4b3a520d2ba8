package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.layer.LayerFile;

/**
 * Hands the contents of small files over when they are opened: most who open a file read it, and a
 * request less is a good part of what that costs.
 *
 * <p>Only files of lower layers, which do not change, and under the inode's monitor: whoever copies
 * the file up in order to change it comes after. Only once for each inode: before the first OPEN
 * there are no pages that the kernel could be reading.
 */
final class ContentsAtOpen {
  /** Bytes; larger files are read in parts, ahead of their readers. */
  private static final int LARGEST = Buffers.SIZE;

  private volatile Notifier kernel = (nodeid, ino) -> {};

  void notifyBy(Notifier notifier) {
    kernel = notifier;
  }

  /**
   * Under the inode's monitor.
   *
   * @param size of the file, in bytes
   */
  void handOver(Inode inode, LayerFile file, long size) {
    boolean isFirst = !inode.isOpened;
    inode.isOpened = true;
    if (!isFirst || size == 0 || size > LARGEST || !kernel.takesContents()) {
      return;
    }
    long address = Buffers.ofThread().value();
    // An error is for whoever reads.
    if (file.read(address, (int) size, 0) == size) {
      kernel.contents(inode.nodeid, address, (int) size);
    }
  }
}
