package dev.lamina.sys;

import java.lang.ref.Reference;

/** Mounting and unmounting, mount(2) and umount2(2). */
public final class Mounts {
  public static final long MS_RDONLY = 1;
  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_NOEXEC = 8;
  public static final long MS_SYNCHRONOUS = 16;
  public static final long MS_REMOUNT = 32;
  public static final long MS_DIRSYNC = 128;
  public static final long MS_NOATIME = 1024;
  public static final long MS_NODIRATIME = 2048;
  public static final long MS_BIND = 4096;
  public static final long MS_MOVE = 8192;
  public static final long MS_REC = 16384;
  public static final long MS_PRIVATE = 1 << 18;
  public static final long MS_SLAVE = 1 << 19;
  public static final long MS_RELATIME = 1 << 21;
  public static final long MS_STRICTATIME = 1 << 24;
  public static final long MS_LAZYTIME = 1 << 25;

  /** Ends what is waited for; a FUSE connection is aborted, even where the mount stays busy. */
  public static final int MNT_FORCE = 1;

  /** Detach now, clean up when no longer busy. */
  public static final int MNT_DETACH = 2;

  /** Do not follow a symbolic link at the target's last component. */
  public static final int UMOUNT_NOFOLLOW = 8;

  /** Attributes for {@link #restrict}. */
  public static final long MOUNT_ATTR_RDONLY = 1;

  public static final long MOUNT_ATTR_NODEV = 4;

  private static final long MOUNT_ATTR_NOATIME = 0x10;

  /** All that says when access times are written. */
  private static final long MOUNT_ATTR__ATIME = 0x70;

  private static final int AT_RECURSIVE = 0x8000;

  /** struct mount_attr of mount_setattr(2). */
  private static final int ATTR_SET = 0;

  private static final int ATTR_CLR = 8;
  private static final int ATTR_STRUCT_SIZE = 32;

  private Mounts() {}

  /**
   * Makes a private copy of a mount ({@link Linux#cloneTree}) one through which nothing is written,
   * not even access times, as overlayfs does with its lower layers. mount_setattr(2), Linux 5.12.
   *
   * @return 0 or the negative errno
   */
  public static int protect(int tree) {
    int result = setAttributes(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0);
    // Of a mount that came from outside of a user namespace, nobody there may say when access times
    // are written; without writing at all there are none, either.
    return result == -Errno.EPERM ? setAttributes(tree, MOUNT_ATTR_RDONLY, 0, 0) : result;
  }

  /**
   * Adds {@code MOUNT_ATTR_} attributes to a mount; those it has stay. mount_setattr(2), Linux
   * 5.12.
   *
   * @param mount a descriptor of the mount's root, which may be O_PATH
   * @param recursive for the mounts below it, too
   * @return 0 or the negative errno
   */
  public static int restrict(int mount, long attributes, boolean recursive) {
    return setAttributes(mount, attributes, 0, recursive ? AT_RECURSIVE : 0);
  }

  private static int setAttributes(int tree, long set, long clear, int flags) {
    Scratch scratch = Scratch.get();
    long attributes = scratch.struct();
    Memory.clear(attributes, ATTR_STRUCT_SIZE);
    Memory.putLong(attributes + ATTR_SET, set);
    Memory.putLong(attributes + ATTR_CLR, clear);
    return (int)
        LibC.call(
            SystemCall.MOUNT_SETATTR,
            tree,
            scratch.first(Linux.EMPTY),
            Linux.AT_EMPTY_PATH | flags,
            attributes,
            ATTR_STRUCT_SIZE);
  }

  /** mount(2); {@code data} holds the file system's own options, separated by commas. */
  public static int mount(byte[] source, byte[] target, byte[] type, long flags, byte[] data) {
    Arguments arguments = new Arguments(source, target, type, data);
    int result =
        (int)
            LibC.call(
                SystemCall.MOUNT,
                arguments.address(0),
                arguments.address(1),
                arguments.address(2),
                flags,
                arguments.address(3));
    Reference.reachabilityFence(arguments);
    return result;
  }

  /** umount2(2) with {@code MNT_} flags and {@link #UMOUNT_NOFOLLOW}. */
  public static int umount2(byte[] target, int flags) {
    Arguments arguments = new Arguments(target);
    int result = (int) LibC.call(SystemCall.UMOUNT2, arguments.address(0), flags, 0, 0, 0);
    Reference.reachabilityFence(arguments);
    return result;
  }
}
