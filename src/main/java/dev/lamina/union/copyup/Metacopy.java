package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.layer.Redirects;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.upper.Durability;
import dev.lamina.union.upper.XattrPolicy;

/**
 * Completes metacopies: files of the upper that hold metadata only, as kernel overlayfs with {@code
 * metacopy=on} makes them. They get their data before it is changed for the first time.
 */
public final class Metacopy {
  private final Durability durability;

  public Metacopy(Durability durability) {
    this.durability = durability;
  }

  /**
   * Copies the data into the upper file itself, where it does not count until the mark is removed.
   * This is the inode's only copy-up meanwhile. All of the data is copied even if the caller is
   * about to truncate the file: a truncation would show at once, and later steps may fail.
   *
   * <p>The file is reached by a single descriptor. Its name may be another file's before the
   * copying has ended or even begun, since a process that removes or replaces a file does not wait
   * for a copy-up of it.
   */
  void complete(Inode inode, CopySource source, LongWork work) throws ErrnoException {
    byte[][] capability = new byte[1][];
    int target = ErrnoException.check(open(inode, capability));
    try {
      try {
        copyData(source.data(), source.stat(), target, work);
      } catch (ErrnoException | RuntimeException | Error e) {
        // Writing the first byte has removed the capability.
        restore(target, capability[0]);
        throw e;
      }
      ErrnoException.check(restore(target, capability[0]));
      synchronized (inode) {
        ErrnoException.check(Redirects.removeMetacopy(target, Linux.EMPTY));
        inode.becomeUpper();
      }
    } finally {
      // The only error that close(2) could report, a failed write-back, fsync has reported.
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
   * @param capability receives the file's capabilities: writing removes them, although users still
   *     see other data
   * @return the descriptor, or the negative errno
   */
  private static int open(Inode inode, byte[][] capability) throws ErrnoException {
    synchronized (inode) {
      Place place = inode.place();
      capability[0] = XattrPolicy.capability(place);
      return ((FdDirectory) place.directory()).openObject(place.name(), OpenFlags.O_WRONLY);
    }
  }

  private void copyData(Place data, Stat stat, int target, LongWork work) throws ErrnoException {
    try {
      DataCopy.copy(data, stat.size, stat.size, target, work);
      ErrnoException.check(Linux.utimensat(target, Linux.EMPTY, stat));
      durability.fsync(target, false);
    } catch (ErrnoException | RuntimeException | Error e) {
      // The data that is there does not count, and should not take up space.
      int punch = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
      Linux.fallocate(target, punch, 0, stat.size);
      Linux.utimensat(target, Linux.EMPTY, stat);
      throw e;
    }
  }
}
