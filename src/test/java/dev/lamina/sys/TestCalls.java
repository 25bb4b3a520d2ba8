package dev.lamina.sys;

/** System calls that only tests make; a value or the negative errno, as in {@link Linux}. */
public final class TestCalls {
  /** umount2(2): end the mount's connection to its server, which answers no more. */
  public static final int MNT_FORCE = 1;

  private static final int CLONE_FS = 0x200;
  private static final int UNSHARE = Architecture.IS_AARCH64 ? 97 : 272;
  private static final int TRUNCATE = Architecture.IS_AARCH64 ? 45 : 76;

  private TestCalls() {}

  /**
   * unshare(2) with CLONE_FS: from now on the calling thread has an umask of its own, which other
   * threads, and the programs they start, do not see.
   */
  public static int unshareUmask() {
    return (int) LibC.call(UNSHARE, CLONE_FS, 0, 0, 0, 0);
  }

  /** truncate(2), the call without a descriptor. It follows a symbolic link. */
  public static int truncate(int dirfd, byte[] name, long size) {
    long path = Scratch.get().procPath(dirfd, name);
    return path == 0 ? -Errno.ENAMETOOLONG : (int) LibC.call(TRUNCATE, path, size, 0, 0, 0);
  }
}
