package dev.lamina.union.data;

import dev.lamina.fuse.OpenReply;
import dev.lamina.layer.FdFile;
import dev.lamina.layer.LayerFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Inode;

/**
 * An open regular file. If it was opened on a lower layer, reads come from the upper copy once
 * there is one, as on overlayfs since Linux 4.19.
 */
final class FileHandle implements AutoCloseable {
  final Inode inode;
  private final LayerFile opened;
  private final boolean openedUpper;
  private boolean isOffered;

  /** Whether it is counted in {@link Inode#lowerBackings}; changed under the inode's monitor. */
  private volatile boolean countsAsLower;

  /** The upper copy; guarded by the monitor, and closed with the handle. */
  private LayerFile copy;

  private FileHandle(Inode inode, LayerFile opened, boolean openedUpper) {
    this.inode = inode;
    this.opened = opened;
    this.openedUpper = openedUpper;
  }

  /**
   * Opens a file for reading, wherever its data lies.
   *
   * @param passesUpper whether an upper file may be passed through
   */
  static FileHandle openForReading(
      Inode inode, PassthroughPolicy policy, ContentsAtOpen contents, boolean passesUpper)
      throws ErrnoException {
    FileHandle file;
    int handsOver = 0;
    synchronized (inode) {
      ContentsAtOpen.await(inode);
      file = new FileHandle(inode, open(inode.dataPlace()), inode.hasUpperData());
      if (file.opened.backingFd() >= 0) {
        file.offer(policy, passesUpper);
        if (!file.openedUpper && !file.isOffered) {
          handsOver = contents.begin(inode, file.opened);
        }
      }
    }
    if (handsOver > 0) {
      contents.handOver(inode, file.opened, handsOver);
    }
    return file;
  }

  /** Decides on passthrough, under the inode's monitor so that a copy-up sees the decision. */
  private void offer(PassthroughPolicy policy, boolean passesUpper) {
    if (openedUpper) {
      isOffered = passesUpper;
      // As long as the kernel reads the lower file, it does so for all opens of the inode.
      countsAsLower = inode.lowerBackings > 0;
    } else {
      isOffered = policy.passesLower(inode, opened);
      countsAsLower = isOffered;
    }
    if (countsAsLower) {
      inode.lowerBackings++;
    }
  }

  /** Records that the kernel does not pass the file through although that was offered. */
  void servesData() {
    if (countsAsLower) {
      synchronized (inode) {
        countsAsLower = false;
        inode.lowerBackings--;
        inode.notifyAll();
      }
    }
  }

  /** Returns the descriptor that is offered for passthrough, see {@link OpenReply#backing}. */
  int offeredBacking() {
    return isOffered ? opened.backingFd() : OpenReply.NO_BACKING;
  }

  /**
   * Returns an open file of the upper; takes ownership of the descriptor.
   *
   * @param passes whether it may be passed through
   */
  static FileHandle ofUpper(Inode inode, int fd, boolean passes) {
    FileHandle file = new FileHandle(inode, new FdFile(fd), true);
    file.isOffered = passes;
    return file;
  }

  private static LayerFile open(Place place) throws ErrnoException {
    LayerFile[] file = new LayerFile[1];
    ErrnoException.check(place.directory().open(place.name(), file));
    return file[0];
  }

  /** Returns the file to read from now; it remains this handle's. */
  LayerFile current() throws ErrnoException {
    if (openedUpper || !inode.hasUpperData()) {
      return opened;
    }
    synchronized (this) {
      if (copy == null) {
        synchronized (inode) {
          copy = open(inode.dataPlace());
        }
      }
      return copy;
    }
  }

  /**
   * Returns the upper file that this handle was opened on; null if it was opened on a lower one.
   */
  FdFile upper() {
    return openedUpper ? (FdFile) opened : null;
  }

  @Override
  public void close() {
    servesData();
    opened.close();
    synchronized (this) {
      if (copy != null) {
        copy.close();
      }
    }
  }
}
