package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.nio.charset.StandardCharsets;

/**
 * What the file system of an upper can do, found out by doing it once when mounting: which marks it
 * takes, and which of the ways of renameat2(2) it has. Many that a FUSE daemon serves have none.
 */
public final class UpperFeatures {
  private boolean hasTrusted;
  private boolean hasUser;
  private boolean hasDevices;
  private boolean hasPrefixed;
  private boolean exchanges;
  private boolean leavesWhiteouts;

  /**
   * Tries everything.
   *
   * @param dirfd a directory of the upper's file system
   * @param scratch a name that nothing has there, nor one that begins with it
   * @return 0 or the negative errno: EOPNOTSUPP where no attributes can be written; ENOSPC or
   *     EDQUOT where there is no room to find out; what else a call failed with for a reason that
   *     does not say that the file system cannot do it, since the marks of another format would not
   *     be seen by whoever mounts the upper next
   */
  public int probe(int dirfd, byte[] scratch) {
    byte[] other = concat(scratch, "-other");
    int result = Linux.mkdirat(dirfd, scratch, 0700);
    if (result < 0) {
      return result;
    }
    try {
      result = probe(dirfd, scratch, other);
    } finally {
      int removed = remove(dirfd, scratch);
      result = result < 0 ? result : removed;
      removed = remove(dirfd, other);
      result = result < 0 || removed == -Errno.ENOENT ? result : removed;
    }
    return result < 0 || hasTrusted || hasUser ? result : -Errno.EOPNOTSUPP;
  }

  private int probe(int dirfd, byte[] directory, byte[] other) {
    try {
      hasTrusted = takesAttributes(UpperFormat.KERNEL, dirfd, directory);
      hasUser = !hasTrusted && takesAttributes(UpperFormat.USER, dirfd, directory);
      hasDevices = can(UpperFormat.KERNEL.makeWhiteout(dirfd, other));
      if (hasDevices) {
        hasDevices = isWhiteout(dirfd, other);
        ErrnoException.check(remove(dirfd, other));
      }
      hasPrefixed = can(UpperFormat.USER.makeWhiteout(dirfd, other));
      if (hasPrefixed) {
        ErrnoException.check(Linux.unlinkat(dirfd, Whiteouts.prefixed(other), 0));
      }
      ErrnoException.check(Linux.mknodat(dirfd, other, Mode.S_IFREG | 0600, 0));
      exchanges = exchanges(dirfd, directory, other);
      leavesWhiteouts = hasDevices && leavesWhiteout(dirfd, other);
      return 0;
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }

  /**
   * Whether a call has worked, or said that it cannot.
   *
   * @throws ErrnoException any other error, which says nothing of the kind
   */
  private static boolean can(int result) throws ErrnoException {
    return switch (-result) {
      case Errno.EPERM, Errno.EACCES, Errno.EOPNOTSUPP, Errno.EINVAL, Errno.ENOSYS -> false;
      default -> ErrnoException.check(result) >= 0;
    };
  }

  /** Read back: some take such attributes for their own, and drop them. */
  private static boolean takesAttributes(UpperFormat format, int dirfd, byte[] directory)
      throws ErrnoException {
    return can(format.markOpaque(dirfd, directory))
        && ErrnoException.check(format.isMarkedOpaque(dirfd, directory)) > 0;
  }

  /**
   * One that takes no heed of flags cannot do it either: a directory does not replace a file
   * (rename(2): ENOTDIR).
   */
  private static boolean exchanges(int dirfd, byte[] directory, byte[] file) throws ErrnoException {
    int result = Linux.renameat2(dirfd, directory, dirfd, file, Linux.RENAME_EXCHANGE);
    if (result == -Errno.ENOTDIR || !can(result)) {
      return false;
    }
    ErrnoException.check(Linux.renameat2(dirfd, directory, dirfd, file, Linux.RENAME_EXCHANGE));
    return true;
  }

  private static boolean leavesWhiteout(int dirfd, byte[] file) throws ErrnoException {
    byte[] moved = concat(file, "-moved");
    if (!can(Linux.renameat2(dirfd, file, dirfd, moved, Linux.RENAME_WHITEOUT))) {
      return false;
    }
    try {
      return isWhiteout(dirfd, file);
    } finally {
      Linux.unlinkat(dirfd, moved, 0);
    }
  }

  private static boolean isWhiteout(int dirfd, byte[] name) throws ErrnoException {
    Stat stat = new Stat();
    int result = Linux.statx(dirfd, name, stat);
    // One that takes no heed of flags leaves nothing.
    return result != -Errno.ENOENT
        && ErrnoException.check(result) == 0
        && stat.type() == Mode.S_IFCHR
        && stat.rdev == 0;
  }

  private static int remove(int dirfd, byte[] name) {
    int result = Linux.unlinkat(dirfd, name, 0);
    return result == -Errno.EISDIR || result == -Errno.EPERM
        ? Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR)
        : result;
  }

  private static byte[] concat(byte[] name, String more) {
    return OverlayXattrs.concat(name, more.getBytes(StandardCharsets.ISO_8859_1));
  }

  boolean hasDevices() {
    return hasDevices;
  }

  /** True when a rename can leave a whiteout behind in the same step. */
  public boolean leavesWhiteouts() {
    return leavesWhiteouts;
  }

  /** True when two names can change places. */
  public boolean exchanges() {
    return exchanges;
  }

  /** Of two formats that differ in the attributes alone, the one that can be written. */
  UpperFormat of(UpperFormat trusted, UpperFormat user) {
    return hasTrusted ? trusted : user;
  }

  /**
   * The format for an upper. A whiteout in its name's place needs an exchange to come there in one
   * step where a directory is, or to make room for one; one beside the name never does.
   *
   * @return null where none will do
   */
  public UpperFormat format() {
    if (hasDevices && exchanges) {
      return of(UpperFormat.KERNEL, UpperFormat.USER_DEVICES);
    }
    if (hasPrefixed) {
      return of(UpperFormat.TRUSTED_FILES, UpperFormat.USER);
    }
    return exchanges ? of(UpperFormat.TRUSTED_ATTRIBUTES, UpperFormat.USER_ATTRIBUTES) : null;
  }
}
