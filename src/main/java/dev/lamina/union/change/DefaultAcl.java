package dev.lamina.union.change;

import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Xattrs;
import dev.lamina.union.inode.DirectoryMemo;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.upper.XattrPolicy;

/** Applies the umask, which a default ACL replaces. */
final class DefaultAcl {
  private DefaultAcl() {}

  /** Returns the bits of the umask that apply in a directory: none under a default ACL (acl(5)). */
  static int umask(Inode directory, int umask) throws ErrnoException {
    return isPresent(directory) ? 0 : umask;
  }

  private static boolean isPresent(Inode directory) throws ErrnoException {
    if (DirectoryMemo.DEFAULT_ACL.isKnown(directory)) {
      return DirectoryMemo.DEFAULT_ACL.isYes(directory);
    }
    FdDirectory upper = directory.upperDirectory();
    int length = upper.getxattr(Linux.EMPTY, XattrPolicy.DEFAULT_ACL, 0, 0);
    boolean isNone = Xattrs.isNone(length);
    boolean seen = !isNone && ErrnoException.check(length) > 0;
    return DirectoryMemo.DEFAULT_ACL.learnWhether(directory, seen);
  }
}
