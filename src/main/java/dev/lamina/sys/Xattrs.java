package dev.lamina.sys;

/**
 * Reads and changes extended attributes (xattr(7)). An object is identified by a directory
 * descriptor and a name, without following a symbolic link, or by any descriptor, which may be
 * O_PATH, and the empty name.
 *
 * <p>The system calls with a descriptor refuse O_PATH, and those with a path have no directory
 * descriptor. So the path is {@code /proc/self/fd/FD/NAME} with the {@code l} calls, and {@code
 * /proc/self/fd/FD}, which is followed, for the descriptor itself. Linux 6.13 has faster calls for
 * a name in a directory, which are used for the operations that every lookup needs.
 */
public final class Xattrs {
  /** Fails if the attribute exists. */
  public static final int XATTR_CREATE = 1;

  /** Fails if the attribute does not exist. */
  public static final int XATTR_REPLACE = 2;

  /** The size of the longest value of an attribute in bytes (limits.h). */
  public static final int XATTR_SIZE_MAX = 65536;

  // struct xattr_args
  private static final int ARGS_VALUE = 0;
  private static final int ARGS_SIZE = 8;
  private static final int ARGS_STRUCT_SIZE = 16;

  /** Whether the kernel has the new calls, which is found out when one is first needed. */
  private static final class AtCalls {
    /** A kernel that has the calls returns EBADF for an invalid descriptor. */
    static final boolean EXIST = listAt(-1, new byte[] {'.'}, 0, 0) == -Errno.EBADF;
  }

  private Xattrs() {}

  /**
   * Returns whether the result of reading or removing an attribute says that it does not exist: the
   * object has no such attribute (ENODATA), or its file system does not support this kind
   * (EOPNOTSUPP). No other error says so.
   */
  public static boolean isNone(int result) {
    return result == -Errno.ENODATA || result == -Errno.EOPNOTSUPP;
  }

  /**
   * Returns whether the result of setting an attribute says that the object cannot have one of that
   * name: its file system does not support this kind, the type of the object does not allow it (a
   * user attribute on a symbolic link: EPERM), or the caller's user may not write it.
   */
  public static boolean isRefused(int result) {
    return result == -Errno.EOPNOTSUPP || result == -Errno.EPERM || result == -Errno.EACCES;
  }

  /**
   * Reads an attribute into native memory, as getxattr(2) does.
   *
   * @return the length of the value, which is not read if {@code size} is 0, or the negative errno:
   *     ENODATA if there is no such attribute, ERANGE if the value is longer than {@code size}
   *     (and, as in the kernel, if the attribute's name is too long)
   */
  public static int get(int dirfd, byte[] name, byte[] attribute, long address, int size) {
    return isNamed(dirfd, name) && AtCalls.EXIST
        ? getAt(dirfd, name, attribute, address, size)
        : getByPath(dirfd, name, attribute, address, size);
  }

  /**
   * Returns whether an object is identified by a name in an open directory: negative descriptors
   * may have a special meaning (AT_FDCWD).
   */
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
    // This sets the flags, which are in the upper half, to 0.
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

  /**
   * Sets an attribute from native memory, as setxattr(2) does. {@code flags} is 0 or one of the
   * {@code XATTR_} flags.
   */
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

  /** Sets an attribute to a value of at most 512 bytes. */
  public static int set(int dirfd, byte[] name, byte[] attribute, byte[] value) {
    long struct = Scratch.get().struct();
    if (value.length > Scratch.STRUCT_SIZE) {
      return -Errno.ERANGE;
    }
    Memory.putBytes(struct, value, 0, value.length);
    return set(dirfd, name, attribute, struct, value.length, 0);
  }

  /**
   * Writes the names of all attributes, each followed by a NUL, into native memory, as listxattr(2)
   * does.
   *
   * @return the number of bytes written, or needed if {@code size} is 0, or the negative errno
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

  /** Removes an attribute, as removexattr(2) does. */
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
