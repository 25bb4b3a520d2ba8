package dev.lamina.sys;

/**
 * Extended attributes (xattr(7)) of an object named by (directory descriptor, name), never
 * following a symbolic link, or with an empty name by any descriptor, an O_PATH one included.
 *
 * <p>The calls that take a descriptor refuse O_PATH, and those that take a path know no directory
 * descriptor (until Linux 6.13), so the path is {@code /proc/self/fd/FD/NAME} for the {@code l}
 * calls, and {@code /proc/self/fd/FD}, followed, for the descriptor itself.
 */
public final class Xattrs {
  /** Fail if it exists. */
  public static final int XATTR_CREATE = 1;

  /** Fail if it does not exist. */
  public static final int XATTR_REPLACE = 2;

  /** Longest value of one attribute, in bytes (limits.h). */
  public static final int XATTR_SIZE_MAX = 65536;

  private Xattrs() {}

  /**
   * getxattr(2) into native memory.
   *
   * @return the value's length; with {@code size} 0, without reading it; or the negative errno,
   *     ENODATA where there is none, ERANGE where it is longer than {@code size}
   */
  public static int get(int dirfd, byte[] name, byte[] attribute, long address, int size) {
    Scratch scratch = Scratch.get();
    long path = scratch.procPath(dirfd, name);
    long attributeName = scratch.first(attribute);
    if (path == 0 || attributeName == 0) {
      return -Errno.ENAMETOOLONG;
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
      return -Errno.ENAMETOOLONG;
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
      return -Errno.ENAMETOOLONG;
    }
    int call = name.length == 0 ? SystemCall.REMOVEXATTR : SystemCall.LREMOVEXATTR;
    return (int) LibC.call(call, path, attributeName, 0, 0, 0);
  }
}
