package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.nio.charset.StandardCharsets;

/**
 * What the file system of an upper can do, found out by doing it once when mounting: which marks it
 * takes, and which of the ways of renameat2(2) it has. Many that a FUSE daemon serves have none.
 */
public final class UpperAbilities {
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
   * @return 0 or the negative errno: EOPNOTSUPP where no attributes can be written, ENOSPC or
   *     EDQUOT where there is no room to find out
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
    int trusted = UpperFormat.KERNEL.markOpaque(dirfd, directory);
    // Read back: some take such attributes for their own, and drop them.
    hasTrusted = trusted == 0 && UpperFormat.KERNEL.isMarkedOpaque(dirfd, directory) > 0;
    int user = hasTrusted ? 0 : UpperFormat.USER.markOpaque(dirfd, directory);
    hasUser = !hasTrusted && user == 0 && UpperFormat.USER.isMarkedOpaque(dirfd, directory) > 0;
    int device = UpperFormat.KERNEL.makeWhiteout(dirfd, other);
    hasDevices = device == 0 && isWhiteout(dirfd, other);
    if (device == 0) {
      device = remove(dirfd, other);
    }
    int prefixed = UpperFormat.USER.makeWhiteout(dirfd, other);
    hasPrefixed = prefixed == 0;
    if (hasPrefixed) {
      prefixed = Linux.unlinkat(dirfd, Whiteouts.prefixed(other), 0);
    }
    int plain = Linux.mknodat(dirfd, other, Mode.S_IFREG | 0600, 0);
    if (plain < 0) {
      return plain;
    }
    // One that takes no heed of flags cannot do it either: a directory does not replace a file.
    exchanges = Linux.renameat2(dirfd, directory, dirfd, other, Linux.RENAME_EXCHANGE) == 0;
    if (exchanges) {
      int back = Linux.renameat2(dirfd, directory, dirfd, other, Linux.RENAME_EXCHANGE);
      if (back < 0) {
        return back;
      }
    }
    leavesWhiteouts = hasDevices && leavesWhiteout(dirfd, other);
    for (int result : new int[] {trusted, user, device, prefixed}) {
      if (isFull(result)) {
        return result;
      }
    }
    return 0;
  }

  private static boolean leavesWhiteout(int dirfd, byte[] file) {
    byte[] moved = concat(file, "-moved");
    if (Linux.renameat2(dirfd, file, dirfd, moved, Linux.RENAME_WHITEOUT) < 0) {
      return false;
    }
    boolean left = isWhiteout(dirfd, file);
    Linux.unlinkat(dirfd, moved, 0);
    return left;
  }

  private static boolean isWhiteout(int dirfd, byte[] name) {
    Stat stat = new Stat();
    return Linux.statx(dirfd, name, stat) == 0 && stat.type() == Mode.S_IFCHR && stat.rdev == 0;
  }

  private static int remove(int dirfd, byte[] name) {
    int result = Linux.unlinkat(dirfd, name, 0);
    return result == -Errno.EISDIR || result == -Errno.EPERM
        ? Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR)
        : result;
  }

  private static boolean isFull(int result) {
    return result == -Errno.ENOSPC || result == -Errno.EDQUOT;
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
