package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.layer.Redirects;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;

/**
 * Files of the upper that hold metadata only, as kernel overlayfs with {@code metacopy=on} makes
 * them: they get their data when it is about to change.
 */
final class Metacopy {
  private final Union union;

  Metacopy(Union union) {
    this.union = union;
  }

  /**
   * Copies the data into the upper file itself, where it does not count until the mark is gone. As
   * the inode's one copy-up. All of it, also where the caller is about to cut it off: it would show
   * at once, and what comes after may fail.
   *
   * <p>By one descriptor of the file: its name may be another file's before this has ended, or even
   * begun, for who removes or replaces a file waits for no copy-up of it.
   */
  void complete(Inode inode, CopySource source, LongWork work) throws ErrnoException {
    byte[][] capability = new byte[1][];
    int target = ErrnoException.check(open(inode, capability));
    try {
      try {
        copyData(source.data(), source.stat(), target, work);
      } catch (ErrnoException | RuntimeException | Error e) {
        // The first byte that was written took it away.
        restore(target, capability[0]);
        throw e;
      }
      ErrnoException.check(restore(target, capability[0]));
      synchronized (inode) {
        ErrnoException.check(Redirects.removeMetacopy(target, Linux.EMPTY));
        inode.becomeUpper();
      }
    } finally {
      // What it could report, a failed write-back, fsync has reported.
      Linux.close(target);
    }
  }

  private static int restore(int target, byte[] capability) {
    return capability == null
        ? 0
        : Xattrs.set(target, Linux.EMPTY, XattrPolicy.CAPABILITY, capability);
  }

  /**
   * Opens the upper file for writing, wherever it lies now.
   *
   * @param capability gets what writing takes away, also from a file that shows other data until
   *     then
   * @return the descriptor, or the negative errno
   */
  private static int open(Inode inode, byte[][] capability) throws ErrnoException {
    synchronized (inode) {
      Place place = inode.place();
      capability[0] = XattrPolicy.capability(place);
      FdDirectory directory = (FdDirectory) place.directory();
      int dirfd = directory.acquire();
      if (dirfd < 0) {
        return dirfd;
      }
      try {
        int flags = OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW;
        return place.name().length == 0
            ? Linux.reopen(dirfd, OpenFlags.O_WRONLY)
            : Linux.openat(dirfd, place.name(), flags, 0);
      } finally {
        directory.release();
      }
    }
  }

  private void copyData(Place data, Stat stat, int target, LongWork work) throws ErrnoException {
    try {
      DataCopy.copy(data, stat.size, stat.size, target, work);
      ErrnoException.check(Linux.utimensat(target, Linux.EMPTY, stat));
      if (!union.isVolatile()) {
        ErrnoException.check(ServiceThreads.block(() -> Linux.fsync(target)));
      }
    } catch (ErrnoException | RuntimeException | Error e) {
      // What is there does not count, and should not take room.
      int punch = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
      Linux.fallocate(target, punch, 0, stat.size);
      Linux.utimensat(target, Linux.EMPTY, stat);
      throw e;
    }
  }
}
