package dev.lamina.sys;

/**
 * Extended attributes (xattr(7)) of an object named by (directory descriptor, name), never
 * following a symbolic link, or with an empty name by any descriptor, an O_PATH one included.
 *
 * <p>The calls that take a descriptor refuse O_PATH, and those that take a path know no directory
 * descriptor, so the path is {@code /proc/self/fd/FD/NAME} for the {@code l} calls, and {@code
 * /proc/self/fd/FD}, followed, for the descriptor itself. Linux 6.13 has calls for a name in a
 * directory, which are quicker; they are used where every lookup needs them.
 */
public final class Xattrs {
  /** Fail if it exists. */
  public static final int XATTR_CREATE = 1;

  /** Fail if it does not exist. */
  public static final int XATTR_REPLACE = 2;

  /** Longest value of one attribute, in bytes (limits.h). */
  public static final int XATTR_SIZE_MAX = 65536;

  // struct xattr_args
  private static final int ARGS_VALUE = 0;
  private static final int ARGS_SIZE = 8;
  private static final int ARGS_STRUCT_SIZE = 16;

  /** Asked of the kernel when it is first of use. */
  private static final class AtCalls {
    /** With a descriptor that is none, a kernel that has them says EBADF. */
    static final boolean EXIST = listAt(-1, new byte[] {'.'}, 0, 0) == -Errno.EBADF;
  }

  private Xattrs() {}

  /**
   * Whether reading, or removing, an attribute said that there is none: the object has no such
   * attribute (ENODATA), or its file system keeps none of that kind (EOPNOTSUPP). No other error
   * says so.
   */
  public static boolean isNone(int result) {
    return result == -Errno.ENODATA || result == -Errno.EOPNOTSUPP;
  }

  /**
   * Whether setting an attribute said that an object can have none of that name: its file system
   * keeps none of that kind, the object is of a type that takes none (a user attribute on a
   * symbolic link: EPERM), or the caller's user may not write it.
   */
  public static boolean isRefused(int result) {
    return result == -Errno.EOPNOTSUPP || result == -Errno.EPERM || result == -Errno.EACCES;
  }

  /**
   * getxattr(2) into native memory.
   *
   * @return the value's length; with {@code size} 0, without reading it; or the negative errno,
   *     ENODATA where there is none, ERANGE where it is longer than {@code size} (and, as in the
   *     kernel, where the attribute's name is too long)
   */
  public static int get(int dirfd, byte[] name, byte[] attribute, long address, int size) {
    return isNamed(dirfd, name) && AtCalls.EXIST
        ? getAt(dirfd, name, attribute, address, size)
        : getByPath(dirfd, name, attribute, address, size);
  }

  /** Of an open directory: negative descriptors have meanings of their own (AT_FDCWD). */
  private static boolean isNamed(int dirfd, byte[] name) {
    return dirfd >= 0 && name.length > 0;
  }

  private static int getAt(int dirfd, byte[] name, byte[] attribute, long address, int size) {
    Scratch scratch = Scratch.get();
    long path = scratch.first(name);
    long attributeName = scratch.second(attribute);
    if (path == 0 || attributeName == 0) {
      return path == 0 ? -Errno.ENAMETOOLONG : -Errno.ERANGE;
    }
    long args = scratch.struct();
    Memory.putLong(args + ARGS_VALUE, address);
    // With the flags, which are 0.
    Memory.putLong(args + ARGS_SIZE, 0);
    Memory.putInt(args + ARGS_SIZE, size);
    return (int)
        LibC.call(
            SystemCall.GETXATTRAT,
            dirfd,
            path,
            Linux.AT_SYMLINK_NOFOLLOW,
            attributeName,
            args,
            ARGS_STRUCT_SIZE);
  }

  private static int getByPath(int dirfd, byte[] name, byte[] attribute, long address, int size) {
    Scratch scratch = Scratch.get();
    long path = scratch.procPath(dirfd, name);
    long attributeName = scratch.first(attribute);
    if (path == 0 || attributeName == 0) {
      return path == 0 ? -Errno.ENAMETOOLONG : -Errno.ERANGE;
    }
    int call = name.length == 0 ? SystemCall.GETXATTR : SystemCall.LGETXATTR;
    return (int) LibC.call(call, path, attributeName, address, size, 0);
  }

  /** setxattr(2) from native memory; {@code flags} is 0 or one of the {@code XATTR_} flags. */
  public static int set(
      int dirfd, byte[] name, byte[] attribute, long address, int size, int flags) {
    Scratch scratch = Scratch.get();
    long path = scratch.procPath(dirfd, name);
    long attributeName = scratch.first(attribute);
    if (path == 0 || attributeName == 0) {
      return path == 0 ? -Errno.ENAMETOOLONG : -Errno.ERANGE;
    }
    int call = name.length == 0 ? SystemCall.SETXATTR : SystemCall.LSETXATTR;
    return (int) LibC.call(call, path, attributeName, address, size, flags);
  }

  /** setxattr(2) of a short value, at most 512 bytes. */
  public static int set(int dirfd, byte[] name, byte[] attribute, byte[] value) {
    long struct = Scratch.get().struct();
    if (value.length > Scratch.STRUCT_SIZE) {
      return -Errno.ERANGE;
    }
    Memory.putBytes(struct, value, 0, value.length);
    return set(dirfd, name, attribute, struct, value.length, 0);
  }

  /**
   * listxattr(2) into native memory, as names each ended by NUL.
   *
   * @return the bytes filled, with {@code size} 0 the bytes needed; or the negative errno
   */
  public static int list(int dirfd, byte[] name, long address, int size) {
    return isNamed(dirfd, name) && AtCalls.EXIST
        ? listAt(dirfd, name, address, size)
        : listByPath(dirfd, name, address, size);
  }

  private static int listAt(int dirfd, byte[] name, long address, int size) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    int flags = Linux.AT_SYMLINK_NOFOLLOW;
    return (int) LibC.call(SystemCall.LISTXATTRAT, dirfd, path, flags, address, size);
  }

  private static int listByPath(int dirfd, byte[] name, long address, int size) {
    long path = Scratch.get().procPath(dirfd, name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    int call = name.length == 0 ? SystemCall.LISTXATTR : SystemCall.LLISTXATTR;
    return (int) LibC.call(call, path, address, size, 0, 0);
  }

  /** removexattr(2). */
  public static int remove(int dirfd, byte[] name, byte[] attribute) {
    Scratch scratch = Scratch.get();
    long path = scratch.procPath(dirfd, name);
    long attributeName = scratch.first(attribute);
    if (path == 0 || attributeName == 0) {
      return path == 0 ? -Errno.ENAMETOOLONG : -Errno.ERANGE;
    }
    int call = name.length == 0 ? SystemCall.REMOVEXATTR : SystemCall.LREMOVEXATTR;
    return (int) LibC.call(call, path, attributeName, 0, 0, 0);
  }
}
