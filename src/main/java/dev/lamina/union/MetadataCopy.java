package dev.lamina.union;

import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * Gives a copy that is being built its original's metadata, in an order in which no step undoes
 * another or takes from an ordinary user what the next one needs: a {@code user.} attribute asks
 * for the right to write (xattr(7)), which the mode, or the access list that sets the mode, may
 * refuse. So the marks and attributes come while the copy is still 0600, the mode after them.
 */
final class MetadataCopy {
  private final NumberMarks marks;
  private final Protection protection;

  MetadataCopy(Union union) {
    marks = union.marks();
    protection = union.protection();
  }

  /** Owner, attributes, mode and times. The copy is named by (descriptor, name). */
  void copy(Place from, Stat stat, int dirfd, byte[] name) throws ErrnoException {
    copy(from, stat, dirfd, name, false);
  }

  /**
   * The same, with the mark by which the copy keeps its original's inode number.
   *
   * @return false where there can be no such mark: the copy shows a number of its own
   */
  boolean copyKeepingNumber(Place from, Stat stat, int dirfd, byte[] name) throws ErrnoException {
    return copy(from, stat, dirfd, name, true);
  }

  private boolean copy(Place from, Stat stat, int dirfd, byte[] name, boolean keepNumber)
      throws ErrnoException {
    // Clears setuid and setgid bits and capabilities, and so comes first.
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
      InodeFlags.copy(from, dirfd, name);
    }
    return isKept;
  }
}
