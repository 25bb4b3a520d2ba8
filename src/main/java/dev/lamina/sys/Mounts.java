package dev.lamina.sys;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Mounts and unmounts with mount(2) and umount2(2), and changes attributes of mounts. */
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

  /** Aborts pending requests: a FUSE connection is aborted, even if the mount stays busy. */
  public static final int MNT_FORCE = 1;

  /** Detaches the mount at once, and cleans it up when it is no longer busy. */
  public static final int MNT_DETACH = 2;

  /** Does not follow a symbolic link in the target's last component. */
  public static final int UMOUNT_NOFOLLOW = 8;

  /** The attributes for {@link #restrict}. */
  public static final long MOUNT_ATTR_RDONLY = 1;

  public static final long MOUNT_ATTR_NODEV = 4;

  private static final long MOUNT_ATTR_NOATIME = 0x10;

  /** The bits that say when access times are written. */
  private static final long MOUNT_ATTR__ATIME = 0x70;

  private static final int AT_RECURSIVE = 0x8000;

  /** Offsets in struct mount_attr of mount_setattr(2). */
  private static final int ATTR_SET = 0;

  private static final int ATTR_CLR = 8;
  private static final int ATTR_STRUCT_SIZE = 32;

  private Mounts() {}

  /**
   * Makes a private copy of a mount ({@link Linux#cloneTree}) read-only, so that not even access
   * times are written through it, as overlayfs does with its lower layers. Uses mount_setattr(2) of
   * Linux 5.12.
   *
   * @return 0 or the negative errno
   */
  public static int protect(int tree) {
    int result = setAttributes(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0);
    // In a user namespace the attributes for access times of mounts from outside cannot be changed.
    // A read-only mount does not write access times either.
    return result == -Errno.EPERM ? setAttributes(tree, MOUNT_ATTR_RDONLY, 0, 0) : result;
  }

  /**
   * Adds {@code MOUNT_ATTR_} attributes to those of a mount. Uses mount_setattr(2) of Linux 5.12.
   *
   * @param mount a descriptor of the mount's root, which may be O_PATH
   * @param recursive whether mounts below it are changed as well
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

  /** Calls mount(2). {@code data} holds the file system's own options, separated by commas. */
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

  /** Calls umount2(2) with {@code MNT_} flags and {@link #UMOUNT_NOFOLLOW}. */
  public static int umount2(byte[] target, int flags) {
    Arguments arguments = new Arguments(target);
    int result = (int) LibC.call(SystemCall.UMOUNT2, arguments.address(0), flags, 0, 0, 0);
    Reference.reachabilityFence(arguments);
    return result;
  }

  /**
   * Any number of strings of any length, which are copied to native memory for a system call that
   * is rarely made.
   */
  private static final class Arguments {
    private final ByteBuffer memory;
    private final int[] offsets;

    Arguments(byte[]... strings) {
      offsets = new int[strings.length];
      int size = 0;
      for (int i = 0; i < strings.length; i++) {
        offsets[i] = size;
        size += strings[i].length + 1;
      }
      memory = ByteBuffer.allocateDirect(size);
      for (byte[] string : strings) {
        memory.put(string).put((byte) 0);
      }
    }

    /**
     * Returns the address of string {@code index}. It is valid while this object is reachable; the
     * caller ensures that with a reachability fence after the call.
     */
    long address(int index) {
      return Memory.address(memory) + offsets[index];
    }
  }
}
