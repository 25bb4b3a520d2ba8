package dev.lamina.union.upper;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.util.function.IntSupplier;

/**
 * Renames on the upper where the mode of a directory denies this to its owner, whose user an
 * unprivileged daemon runs as. rename(2) requires write permission for both directories, and for a
 * directory that gets another parent. A copy-up, however, must succeed in a read-only directory,
 * since users need no permission for it, and whatever permission a request needs, the kernel has
 * checked on this mount already. A daemon that runs as root has the capabilities and never gets
 * here.
 */
public final class OwnerPermission {
  private static final int WRITE = 0200;
  private static final int UNCHANGED = -1;

  private OwnerPermission() {}

  /**
   * Calls renameat2(2), granting the owner write permission during the call if it is missing. A
   * crash during the call may leave it granted.
   *
   * @return 0 or the negative errno
   */
  public static int rename(int fromFd, byte[] from, int toFd, byte[] to, int flags) {
    int result = Linux.renameat2(fromFd, from, toFd, to, flags);
    if (result != -Errno.EACCES) {
      return result;
    }
    return withWrite(
        fromFd,
        Linux.EMPTY,
        () -> withWrite(toFd, Linux.EMPTY, () -> moveWritable(fromFd, from, toFd, to, flags)));
  }

  /**
   * Makes a change that needs write permission for a directory; returns 0 or the negative errno.
   */
  public static int change(int dirfd, byte[] name, IntSupplier call) {
    int result = call.getAsInt();
    return result == -Errno.EACCES ? withWrite(dirfd, name, call) : result;
  }

  private static int withWrite(int dirfd, byte[] name, IntSupplier call) {
    int mode = allow(dirfd, name);
    int result = call.getAsInt();
    restore(dirfd, name, mode);
    return result;
  }

  private static int moveWritable(int fromFd, byte[] from, int toFd, byte[] to, int flags) {
    int mode = allow(fromFd, from);
    int otherMode = flags == Linux.RENAME_EXCHANGE ? allow(toFd, to) : UNCHANGED;
    int result = Linux.renameat2(fromFd, from, toFd, to, flags);
    boolean moved = result == 0;
    restore(moved ? toFd : fromFd, moved ? to : from, mode);
    restore(moved ? fromFd : toFd, moved ? from : to, otherMode);
    return result;
  }

  /** Returns the mode that a directory had before its owner was granted write permission. */
  private static int allow(int dirfd, byte[] name) {
    Stat stat = new Stat();
    if (Linux.statx(dirfd, name, stat) < 0 || !stat.isDirectory() || (stat.mode & WRITE) != 0) {
      return UNCHANGED;
    }
    int mode = stat.mode & Mode.PERMISSIONS;
    return Linux.fchmodat(dirfd, name, mode | WRITE) < 0 ? UNCHANGED : mode;
  }

  private static void restore(int dirfd, byte[] name, int mode) {
    int result = mode == UNCHANGED ? 0 : Linux.fchmodat(dirfd, name, mode);
    if (result < 0) {
      Log.warn(
          OwnerPermission.class,
          "cannot remove the owner's temporary write permission from an upper directory: {}",
          Errno.message(-result));
    }
  }
}
