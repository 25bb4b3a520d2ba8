package dev.lamina.union;

import dev.lamina.fuse.FuseException;
import dev.lamina.fuse.OpenReply;
import dev.lamina.layer.FdFile;
import dev.lamina.layer.LayerFile;

/**
 * An open regular file. One opened on a lower layer reads the upper copy once there is one, as on
 * overlayfs since Linux 4.19.
 */
final class FileHandle implements AutoCloseable {
  final Inode inode;
  private final LayerFile opened;
  private final boolean openedUpper;
  private boolean isOffered;

  /** The upper copy; guarded by the monitor, and closed with the handle. */
  private LayerFile copy;

  private FileHandle(Inode inode, LayerFile opened, boolean openedUpper) {
    this.inode = inode;
    this.opened = opened;
    this.openedUpper = openedUpper;
  }

  /** Opens for reading, wherever the data lies. */
  static FileHandle openForReading(Inode inode, PassthroughPolicy policy) throws FuseException {
    synchronized (inode) {
      Place place = inode.dataPlace();
      FileHandle file = new FileHandle(inode, open(place), inode.hasUpperData());
      file.offer(policy, place);
      return file;
    }
  }

  /** Under the inode's monitor, so that whoever copies it up sees what was offered. */
  private void offer(PassthroughPolicy policy, Place place) {
    int fd = opened.backingFd();
    if (fd < 0) {
      return;
    }
    if (openedUpper) {
      isOffered = policy.passesUpper(fd);
    } else if (policy.passesLower(fd, place.name())) {
      isOffered = true;
      inode.lowerBackings++;
    }
  }

  /** The descriptor the kernel may read through, see {@link OpenReply#backing}. */
  int offeredBacking() {
    return isOffered ? opened.backingFd() : OpenReply.NO_BACKING;
  }

  /** An open file of the upper; takes ownership of the descriptor. */
  static FileHandle ofUpper(Inode inode, int fd) {
    return new FileHandle(inode, new FdFile(fd), true);
  }

  private static LayerFile open(Place place) throws FuseException {
    LayerFile[] file = new LayerFile[1];
    FuseException.check(place.directory().open(place.name(), file));
    return file[0];
  }

  /** The file to read now; it stays this handle's. */
  LayerFile current() throws FuseException {
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

  /** The upper file that this handle was opened on; null where it was opened on a lower one. */
  FdFile upper() {
    return openedUpper ? (FdFile) opened : null;
  }

  @Override
  public void close() {
    if (isOffered && !openedUpper) {
      synchronized (inode) {
        inode.lowerBackings--;
      }
    }
    opened.close();
    synchronized (this) {
      if (copy != null) {
        copy.close();
      }
    }
  }
}
