package dev.lamina.union;

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
   * Under the inode's copy-up lock.
   *
   * @param dataLimit how many bytes to take along, where the caller is about to cut it off there
   */
  void complete(Inode inode, long dataLimit) throws ErrnoException {
    CopySource source = CopySource.of(inode);
    Place place = source.place();
    Stat stat = source.stat();
    FdDirectory directory = (FdDirectory) place.directory();
    int dirfd = ErrnoException.check(directory.acquire());
    try {
      // Writing takes it away, also from a file that shows other data until now.
      byte[] capability = XattrPolicy.capability(place);
      copyData(dirfd, place.name(), source.data(), stat, dataLimit);
      if (capability != null) {
        ErrnoException.check(Xattrs.set(dirfd, place.name(), XattrPolicy.CAPABILITY, capability));
      }
      synchronized (inode) {
        ErrnoException.check(Redirects.removeMetacopy(dirfd, place.name()));
        inode.becomeUpper();
      }
    } finally {
      directory.release();
    }
  }

  private void copyData(int dirfd, byte[] name, Place data, Stat stat, long dataLimit)
      throws ErrnoException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW;
    int target =
        ErrnoException.check(
            name.length == 0
                ? Linux.reopen(dirfd, OpenFlags.O_WRONLY)
                : Linux.openat(dirfd, name, flags, 0));
    try {
      DataCopy.copy(data, stat.size, Math.min(stat.size, dataLimit), target);
      ErrnoException.check(Linux.utimensat(target, Linux.EMPTY, stat));
      if (!union.isVolatile()) {
        ErrnoException.check(Linux.fsync(target));
      }
    } finally {
      // What it could report, a failed write-back, fsync has reported.
      Linux.close(target);
    }
  }
}
