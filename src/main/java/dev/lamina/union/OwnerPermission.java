package dev.lamina.union;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import java.util.function.IntSupplier;

/**
 * Renames on the upper where a mode denies it to the owner, whom the daemon of an ordinary user
 * runs as. The kernel asks for the right to write to both directories, and to a directory that gets
 * another parent; it asks a user who changes a file in a read-only directory for neither, and this
 * mount's kernel has checked already what it does ask. Root's capabilities make all of this moot.
 */
final class OwnerPermission {
  private static final int WRITE = 0200;
  private static final int UNCHANGED = -1;

  private OwnerPermission() {}

  /**
   * renameat2(2), with the owner's right to write for as long as it takes where that is missing. A
   * crash in between may leave it.
   *
   * @return 0 or the negative errno
   */
  static int rename(int fromFd, byte[] from, int toFd, byte[] to, int flags) {
    int result = Linux.renameat2(fromFd, from, toFd, to, flags);
    if (result != -Errno.EACCES) {
      return result;
    }
    return withWrite(
        fromFd,
        Linux.EMPTY,
        () -> withWrite(toFd, Linux.EMPTY, () -> moveWritable(fromFd, from, toFd, to, flags)));
  }

  /** Makes a change that needs the right to write to a directory; 0 or the negative errno. */
  static int change(int dirfd, byte[] name, IntSupplier call) {
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

  /** The mode that a directory had before its owner was allowed to write. */
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
      Log.warn(OwnerPermission.class, "left a directory writable: {}", Errno.message(-result));
    }
  }
}
