package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.nio.charset.StandardCharsets;

/**
 * The features of the upper's file system, which are found out by trying them when mounting: the
 * marks that it can store, and the flags of renameat2(2) that it supports. Many FUSE file systems
 * support none of them.
 */
public final class UpperFeatures {
  private boolean hasTrusted;
  private boolean hasUser;
  private boolean hasDevices;
  private boolean hasPrefixed;
  private boolean exchanges;
  private boolean leavesWhiteouts;

  /**
   * Tries all features.
   *
   * @param dirfd a directory of the upper's file system
   * @param scratch a name in that directory that no name of an object begins with
   * @return 0 or the negative errno: EOPNOTSUPP if no attributes can be written; ENOSPC or EDQUOT
   *     if there is no space to find out; or any other error that does not say that a feature is
   *     missing, since the upper would then get marks of another format, which its next mount would
   *     not see
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
   * Returns whether a call has succeeded, or false if its error says that the feature is missing.
   *
   * @throws ErrnoException for any other error, which says nothing about the feature
   */
  private static boolean can(int result) throws ErrnoException {
    return switch (-result) {
      case Errno.EPERM, Errno.EACCES, Errno.EOPNOTSUPP, Errno.EINVAL, Errno.ENOSYS -> false;
      default -> ErrnoException.check(result) >= 0;
    };
  }

  /**
   * Returns whether attributes can be stored. They are read back, because some file systems use
   * such attributes themselves and drop those that are set.
   */
  private static boolean takesAttributes(UpperFormat format, int dirfd, byte[] directory)
      throws ErrnoException {
    return can(format.markOpaque(dirfd, directory))
        && ErrnoException.check(format.isMarkedOpaque(dirfd, directory)) > 0;
  }

  /**
   * Returns whether names can be exchanged. A file system that ignores the flag cannot do it: a
   * directory does not replace a file (rename(2): ENOTDIR).
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
    // A file system that ignores the flag leaves nothing behind.
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

  /** Returns true if a rename can leave a whiteout behind in the same step (RENAME_WHITEOUT). */
  public boolean leavesWhiteouts() {
    return leavesWhiteouts;
  }

  /** Returns true if two names can be exchanged (RENAME_EXCHANGE). */
  public boolean exchanges() {
    return exchanges;
  }

  /** Returns the one of two formats, which differ only in the attributes, that can be written. */
  UpperFormat of(UpperFormat trusted, UpperFormat user) {
    return hasTrusted ? trusted : user;
  }

  /**
   * Returns the format for an upper. A whiteout in the place of a name needs an exchange to replace
   * a directory, or to be replaced by one, in one step; a whiteout beside the name does not.
   *
   * @return the format, or null if there is none that can be used
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
