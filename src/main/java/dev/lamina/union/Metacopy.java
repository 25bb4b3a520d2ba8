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
   * Copies the data into the upper file itself, where it does not count until the mark is gone.
   * Under the inode's copy-up lock. All of it, also where the caller is about to cut it off: it
   * would show at once, and what comes after may fail.
   */
  boolean complete(Inode inode, CopySource source, LongWork work) throws ErrnoException {
    Place place = source.place();
    Stat stat = source.stat();
    FdDirectory directory = (FdDirectory) place.directory();
    int dirfd = ErrnoException.check(directory.acquire());
    try {
      // Writing takes it away, also from a file that shows other data until now.
      byte[] capability = XattrPolicy.capability(place);
      boolean isClone = copyData(dirfd, place.name(), source.data(), stat, work);
      if (capability != null) {
        ErrnoException.check(Xattrs.set(dirfd, place.name(), XattrPolicy.CAPABILITY, capability));
      }
      synchronized (inode) {
        ErrnoException.check(Redirects.removeMetacopy(dirfd, place.name()));
        inode.becomeUpper();
      }
      return isClone;
    } finally {
      directory.release();
    }
  }

  private boolean copyData(int dirfd, byte[] name, Place data, Stat stat, LongWork work)
      throws ErrnoException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW;
    int target =
        ErrnoException.check(
            name.length == 0
                ? Linux.reopen(dirfd, OpenFlags.O_WRONLY)
                : Linux.openat(dirfd, name, flags, 0));
    try {
      boolean isClone = DataCopy.copy(data, stat.size, stat.size, target, work);
      ErrnoException.check(Linux.utimensat(target, Linux.EMPTY, stat));
      if (!union.isVolatile()) {
        ErrnoException.check(ServiceThreads.block(() -> Linux.fsync(target)));
      }
      return isClone;
    } catch (ErrnoException | RuntimeException e) {
      // What is there does not count, and should not take room.
      int punch = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
      Linux.fallocate(target, punch, 0, stat.size);
      Linux.utimensat(target, Linux.EMPTY, stat);
      throw e;
    } finally {
      // What it could report, a failed write-back, fsync has reported.
      Linux.close(target);
    }
  }
}
