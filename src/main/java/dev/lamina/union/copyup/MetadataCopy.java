package dev.lamina.union.copyup;

import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.NumberMarks;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.XattrPolicy;

/**
 * Gives a copy that is being built its original's metadata. The order is such that no step undoes
 * another or takes a permission away that the daemon of an ordinary user still needs: setting a
 * {@code user.} attribute requires write permission (xattr(7)), which the mode, or the access ACL
 * that determines the mode, may deny. Therefore marks and attributes are set while the mode of the
 * copy is still 0600, and the mode after them.
 */
public final class MetadataCopy {
  private final NumberMarks marks;
  private final Protection protection;

  public MetadataCopy(NumberMarks marks, Protection protection) {
    this.marks = marks;
    this.protection = protection;
  }

  /** Copies owner, attributes, mode and times to an object named by (descriptor, name). */
  void copy(Place from, Stat stat, int dirfd, byte[] name) throws ErrnoException {
    copy(from, stat, dirfd, name, false);
  }

  /**
   * Copies owner, attributes, mode and times, and sets the mark by which the copy keeps its
   * original's inode number.
   *
   * @return false if the copy cannot have such a mark and shows a number of its own
   */
  boolean copyKeepingNumber(Place from, Stat stat, int dirfd, byte[] name) throws ErrnoException {
    return copy(from, stat, dirfd, name, true);
  }

  private boolean copy(Place from, Stat stat, int dirfd, byte[] name, boolean keepNumber)
      throws ErrnoException {
    // This clears setuid and setgid bits and capabilities, so it comes first.
    ErrnoException.check(Linux.fchownat(dirfd, name, stat.uid, stat.gid));
    int layer = from.directory().layer().index();
    boolean isKept =
        keepNumber
            && marks.isKept(stat, layer)
            && ErrnoException.check(marks.write(dirfd, name, stat, layer)) > 0;
    ErrnoException.check(protection.mark(dirfd, name, stat));
    ErrnoException.check(XattrPolicy.copy(from.directory(), from.name(), dirfd, name));
    if (!stat.isSymlink()) {
      ErrnoException.check(Linux.fchmodat(dirfd, name, stat.mode & Mode.PERMISSIONS));
    }
    ErrnoException.check(Linux.utimensat(dirfd, name, stat));
    if (stat.isRegular() || stat.isDirectory()) {
      FlagsCopy.copy(from, dirfd, name);
    }
    return isKept;
  }
}
