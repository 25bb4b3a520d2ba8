package dev.lamina.sys;

/**
 * System calls that only tests make. As in {@link Linux}, they return a value or the negative
 * errno.
 */
public final class TestCalls {
  /**
   * Calls umount2(2) to end the connection of a mount to its server, which does not answer any
   * more.
   */
  public static final int MNT_FORCE = 1;

  private static final int CLONE_FS = 0x200;
  private static final int UNSHARE = Architecture.IS_AARCH64 ? 97 : 272;
  private static final int TRUNCATE = Architecture.IS_AARCH64 ? 45 : 76;

  private TestCalls() {}

  /**
   * Calls unshare(2) with CLONE_FS: the calling thread gets its own umask, which does not affect
   * other threads and the programs that they start.
   */
  public static int unshareUmask() {
    return (int) LibC.call(UNSHARE, CLONE_FS, 0, 0, 0, 0);
  }

  /** Calls truncate(2), which takes a path and follows a symbolic link. */
  public static int truncate(int dirfd, byte[] name, long size) {
    long path = Scratch.get().procPath(dirfd, name);
    return path == 0 ? -Errno.ENAMETOOLONG : (int) LibC.call(TRUNCATE, path, size, 0, 0, 0);
  }
}
