package dev.lamina.sys;

/**
 * Linux system calls. A method is named after its call, takes its arguments in the call's order and
 * returns its value, or the negative error number (see {@link Errno}); nothing throws.
 *
 * <p>Names are bytes without a NUL. An empty name together with {@link #AT_EMPTY_PATH} means the
 * object that the descriptor itself refers to. Whoever receives a descriptor closes it.
 */
public final class Linux {
  public static final int AT_FDCWD = -100;
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;
  public static final int AT_REMOVEDIR = 0x200;
  public static final int AT_SYMLINK_FOLLOW = 0x400;
  public static final int AT_EMPTY_PATH = 0x1000;

  public static final int RENAME_NOREPLACE = 1;
  public static final int RENAME_EXCHANGE = 2;
  public static final int RENAME_WHITEOUT = 4;

  public static final long RESOLVE_NO_XDEV = 0x01;
  public static final long RESOLVE_NO_MAGICLINKS = 0x02;
  public static final long RESOLVE_NO_SYMLINKS = 0x04;
  public static final long RESOLVE_BENEATH = 0x08;
  public static final long RESOLVE_IN_ROOT = 0x10;

  public static final int SEEK_SET = 0;
  public static final int SEEK_CUR = 1;
  public static final int SEEK_END = 2;
  public static final int SEEK_DATA = 3;
  public static final int SEEK_HOLE = 4;

  /** Nanosecond values with a meaning of their own in {@link #utimensat}. */
  public static final int UTIME_NOW = 0x3fffffff;

  public static final int UTIME_OMIT = 0x3ffffffe;

  public static final int FALLOC_FL_KEEP_SIZE = 1;
  public static final int FALLOC_FL_PUNCH_HOLE = 2;

  public static final int LOCK_SH = 1;
  public static final int LOCK_EX = 2;
  public static final int LOCK_NB = 4;
  public static final int LOCK_UN = 8;

  public static final int F_DUPFD_CLOEXEC = 1030;
  public static final int F_GETFD = 1;
  public static final int F_SETFD = 2;
  public static final int F_GETFL = 3;
  public static final int F_GETLK = 5;
  public static final int F_SETLK = 6;
  public static final int F_SETLKW = 7;
  public static final int FD_CLOEXEC = 1;

  public static final int F_RDLCK = 0;
  public static final int F_WRLCK = 1;
  public static final int F_UNLCK = 2;

  /** The empty name, for calls on the descriptor itself. */
  public static final byte[] EMPTY = {};

  static final int STATX_BASIC_STATS = 0x7ff;
  static final int STATX_BTIME = 0x800;
  private static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final int STATX_MNT_ID = 0x1000;
  private static final long OPEN_TREE_CLONE = 1;
  private static final long FICLONE = 0x40049409L;

  private static final int OPEN_HOW_FLAGS = 0;
  private static final int OPEN_HOW_MODE = 8;
  private static final int OPEN_HOW_RESOLVE = 16;
  private static final int OPEN_HOW_SIZE = 24;

  private static final int TIMESPEC_SEC = 0;
  private static final int TIMESPEC_NSEC = 8;
  private static final int TIMESPEC_SIZE = 16;

  private Linux() {}

  // Opening and closing

  /** openat(2). The descriptor is the caller's to close. */
  public static int openat(int dirfd, byte[] name, int flags, int mode) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.OPENAT, dirfd, path, flags | OpenFlags.O_CLOEXEC, mode, 0);
  }

  /** openat2(2) with the {@code RESOLVE_} flags given. The descriptor is the caller's to close. */
  public static int openat2(int dirfd, byte[] path, long flags, long mode, long resolve) {
    Scratch scratch = Scratch.get();
    long how = scratch.struct();
    long address = scratch.first(path);
    if (address == 0) {
      return -Errno.ENAMETOOLONG;
    }
    Memory.putLong(how + OPEN_HOW_FLAGS, flags | OpenFlags.O_CLOEXEC);
    Memory.putLong(how + OPEN_HOW_MODE, mode);
    Memory.putLong(how + OPEN_HOW_RESOLVE, resolve);
    return (int) LibC.call(SystemCall.OPENAT2, dirfd, address, how, OPEN_HOW_SIZE, 0);
  }

  /**
   * Opens again what a descriptor refers to, with other flags; the way from an O_PATH descriptor to
   * one that reads or writes. The descriptor is the caller's to close.
   */
  public static int reopen(int fd, int flags) {
    long path = Scratch.get().procPath(fd, EMPTY);
    return (int) LibC.call(SystemCall.OPENAT, AT_FDCWD, path, flags | OpenFlags.O_CLOEXEC, 0, 0);
  }

  /**
   * open_tree(2) with OPEN_TREE_CLONE: a private copy of the mount that a directory lies on, rooted
   * in that directory and without the mounts below it. Needs CAP_SYS_ADMIN and Linux 5.2. The
   * descriptor (as if O_PATH) is the caller's to close.
   */
  public static int cloneTree(int dirfd) {
    long path = Scratch.get().first(EMPTY);
    long flags = OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC | AT_EMPTY_PATH;
    return (int) LibC.call(SystemCall.OPEN_TREE, dirfd, path, flags, 0, 0);
  }

  /** close(2). EINTR and EIO leave the descriptor closed all the same. */
  public static int close(int fd) {
    return (int) LibC.call(SystemCall.CLOSE, fd, 0, 0, 0, 0);
  }

  public static int dup3(int oldfd, int newfd, int flags) {
    return (int) LibC.call(SystemCall.DUP3, oldfd, newfd, flags, 0, 0);
  }

  /** fcntl(2) with an integer argument. */
  public static int fcntl(int fd, int command, long argument) {
    return (int) LibC.call(SystemCall.FCNTL, fd, command, argument, 0, 0);
  }

  /** F_GETFL of fcntl(2): access mode and status flags; O_PATH shows here. */
  public static int fgetFlags(int fd) {
    return fcntl(fd, F_GETFL, 0);
  }

  /**
   * fcntl(2) record locks: F_GETLK, F_SETLK or F_SETLKW of {@code lock}, which takes the answer of
   * F_GETLK.
   */
  public static int fcntlLock(int fd, int command, RecordLock lock) {
    long struct = Scratch.get().struct();
    lock.write(struct);
    int result = (int) LibC.call(SystemCall.FCNTL, fd, command, struct, 0, 0);
    if (result == 0) {
      lock.read(struct);
    }
    return result;
  }

  /** flock(2), again where a signal has ended the wait. */
  public static int flock(int fd, int operation) {
    int result;
    do {
      result = (int) LibC.call(SystemCall.FLOCK, fd, operation, 0, 0, 0);
    } while (result == -Errno.EINTR);
    return result;
  }

  // Attributes

  /** statx(2) of a name, never following it; with an empty name, of the descriptor. */
  public static int statx(int dirfd, byte[] name, Stat out) {
    return statx(dirfd, name, 0, out);
  }

  /**
   * What the kernel knows of an open file by itself, with nobody asked (AT_STATX_DONT_SYNC): of a
   * FUSE mount that nobody serves yet the device number is right, all else may not be.
   */
  public static int statWithoutAsking(int fd, Stat out) {
    return statx(fd, EMPTY, AT_STATX_DONT_SYNC, out);
  }

  private static int statx(int dirfd, byte[] name, int sync, Stat out) {
    Scratch scratch = Scratch.get();
    long struct = scratch.struct();
    long path = scratch.first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    int flags = AT_SYMLINK_NOFOLLOW | sync | (name.length == 0 ? AT_EMPTY_PATH : 0);
    int mask = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID;
    int result = (int) LibC.call(SystemCall.STATX, dirfd, path, flags, mask, struct);
    if (result == 0) {
      out.read(struct);
    }
    return result;
  }

  /** statx(2) of a descriptor, which may be O_PATH. */
  public static int fstat(int fd, Stat out) {
    return statx(fd, EMPTY, out);
  }

  /** fstatfs(2); the descriptor may be O_PATH. */
  public static int fstatfs(int fd, FileSystemStat out) {
    long struct = Scratch.get().struct();
    int result = (int) LibC.call(SystemCall.FSTATFS, fd, struct, 0, 0, 0);
    if (result == 0) {
      out.read(struct);
    }
    return result;
  }

  /**
   * Changes the permission bits of a name that is not a symbolic link; with an empty name, of the
   * object an O_PATH descriptor refers to. Never follows: a symbolic link gives EOPNOTSUPP.
   */
  public static int fchmodat(int dirfd, byte[] name, int mode) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    int flags = AT_SYMLINK_NOFOLLOW | (name.length == 0 ? AT_EMPTY_PATH : 0);
    int result = (int) LibC.call(SystemCall.FCHMODAT2, dirfd, path, mode, flags, 0);
    return result == -Errno.ENOSYS ? fchmodatByDescriptor(dirfd, name, mode) : result;
  }

  /** The same before Linux 6.6: chmod of /proc/self/fd/N, which cannot name a link's target. */
  static int fchmodatByDescriptor(int dirfd, byte[] name, int mode) {
    if (name.length == 0) {
      return chmodProc(dirfd, mode);
    }
    int fd = openat(dirfd, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
    if (fd < 0) {
      return fd;
    }
    try {
      return chmodProc(fd, mode);
    } finally {
      close(fd);
    }
  }

  private static int chmodProc(int fd, int mode) {
    Stat stat = new Stat();
    int result = fstat(fd, stat);
    if (result < 0) {
      return result;
    }
    if (stat.isSymlink()) {
      return -Errno.EOPNOTSUPP;
    }
    long path = Scratch.get().procPath(fd, EMPTY);
    return (int) LibC.call(SystemCall.FCHMODAT, AT_FDCWD, path, mode, 0, 0);
  }

  public static int fchmod(int fd, int mode) {
    return (int) LibC.call(SystemCall.FCHMOD, fd, mode, 0, 0, 0);
  }

  /** fchownat(2) of a name, never following it; -1 leaves an owner as it is. */
  public static int fchownat(int dirfd, byte[] name, int uid, int gid) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    int flags = AT_SYMLINK_NOFOLLOW | (name.length == 0 ? AT_EMPTY_PATH : 0);
    return (int) LibC.call(SystemCall.FCHOWNAT, dirfd, path, uid, gid, flags);
  }

  public static int fchown(int fd, int uid, int gid) {
    return (int) LibC.call(SystemCall.FCHOWN, fd, uid, gid, 0, 0);
  }

  /**
   * utimensat(2) of a name, never following it. Nanoseconds may be {@link #UTIME_NOW} or {@link
   * #UTIME_OMIT}.
   */
  public static int utimensat(
      int dirfd, byte[] name, long atimeSec, int atimeNsec, long mtimeSec, int mtimeNsec) {
    Scratch scratch = Scratch.get();
    long times = scratch.struct();
    long path = scratch.first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    Memory.putLong(times + TIMESPEC_SEC, atimeSec);
    Memory.putLong(times + TIMESPEC_NSEC, atimeNsec);
    Memory.putLong(times + TIMESPEC_SIZE + TIMESPEC_SEC, mtimeSec);
    Memory.putLong(times + TIMESPEC_SIZE + TIMESPEC_NSEC, mtimeNsec);
    int flags = AT_SYMLINK_NOFOLLOW | (name.length == 0 ? AT_EMPTY_PATH : 0);
    int result = (int) LibC.call(SystemCall.UTIMENSAT, dirfd, path, times, flags, 0);
    if (result == -Errno.EINVAL && name.length == 0) {
      // Before Linux 5.8 utimensat has no AT_EMPTY_PATH.
      path = scratch.procPath(dirfd, EMPTY);
      result = (int) LibC.call(SystemCall.UTIMENSAT, AT_FDCWD, path, times, 0, 0);
    }
    return result;
  }

  /**
   * readlinkat(2) into native memory; the length of the target, cut off at {@code size}. An empty
   * name reads the link that an O_PATH descriptor refers to.
   */
  public static int readlinkat(int dirfd, byte[] name, long address, int size) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.READLINKAT, dirfd, path, address, size, 0);
  }

  /** {@link #utimensat} with the access and modification time of another object. */
  public static int utimensat(int dirfd, byte[] name, Stat times) {
    return utimensat(
        dirfd, name, times.atimeSeconds, times.atimeNanos, times.mtimeSeconds, times.mtimeNanos);
  }

  // Names

  public static int mkdirat(int dirfd, byte[] name, int mode) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.MKDIRAT, dirfd, path, mode, 0, 0);
  }

  /**
   * mknodat(2); {@code dev} as {@link Devices#make} builds it. The call takes 32 bits of it, and a
   * number that needs more is EINVAL, as mknod(3) has it, rather than another device.
   */
  public static int mknodat(int dirfd, byte[] name, int mode, long dev) {
    if (dev >>> 32 != 0) {
      return -Errno.EINVAL;
    }
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.MKNODAT, dirfd, path, mode, dev, 0);
  }

  public static int symlinkat(byte[] target, int dirfd, byte[] name) {
    Scratch scratch = Scratch.get();
    long targetPath = scratch.first(target);
    long path = scratch.second(name);
    if (path == 0 || targetPath == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.SYMLINKAT, targetPath, dirfd, path, 0, 0);
  }

  /** linkat(2) of a name, never following it. */
  public static int linkat(int oldDirfd, byte[] oldName, int newDirfd, byte[] newName) {
    Scratch scratch = Scratch.get();
    long oldPath = scratch.first(oldName);
    long newPath = scratch.second(newName);
    if (oldPath == 0 || newPath == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.LINKAT, oldDirfd, oldPath, newDirfd, newPath, 0);
  }

  /** Gives a name to the object behind a descriptor, an O_TMPFILE one for example. */
  public static int linkDescriptor(int fd, int newDirfd, byte[] newName) {
    Scratch scratch = Scratch.get();
    long newPath = scratch.second(newName);
    if (newPath == 0) {
      return -Errno.ENAMETOOLONG;
    }
    long path = scratch.procPath(fd, EMPTY);
    return (int) LibC.call(SystemCall.LINKAT, AT_FDCWD, path, newDirfd, newPath, AT_SYMLINK_FOLLOW);
  }

  /** unlinkat(2); {@code flags} is 0 or {@link #AT_REMOVEDIR}. */
  public static int unlinkat(int dirfd, byte[] name, int flags) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.UNLINKAT, dirfd, path, flags, 0, 0);
  }

  /** renameat2(2) with the {@code RENAME_} flags given. */
  public static int renameat2(
      int oldDirfd, byte[] oldName, int newDirfd, byte[] newName, int flags) {
    Scratch scratch = Scratch.get();
    long oldPath = scratch.first(oldName);
    long newPath = scratch.second(newName);
    if (oldPath == 0 || newPath == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.RENAMEAT2, oldDirfd, oldPath, newDirfd, newPath, flags);
  }

  // Data

  /** read(2) into native memory; the number of bytes read, 0 at the end. */
  public static int read(int fd, long address, int size) {
    return (int) LibC.call(SystemCall.READ, fd, address, size, 0, 0);
  }

  /** write(2) from native memory; the number of bytes written. */
  public static int write(int fd, long address, int size) {
    return (int) LibC.call(SystemCall.WRITE, fd, address, size, 0, 0);
  }

  /** writev(2) of {@code count} structures {@code struct iovec}; the number of bytes written. */
  public static int writev(int fd, long iov, int count) {
    return (int) LibC.call(SystemCall.WRITEV, fd, iov, count, 0, 0);
  }

  /** pread64(2) into native memory; the number of bytes read, 0 at the end of the file. */
  public static int pread(int fd, long address, int size, long offset) {
    return (int) LibC.call(SystemCall.PREAD64, fd, address, size, offset, 0);
  }

  /** pwrite64(2) from native memory; the number of bytes written, which may be fewer. */
  public static int pwrite(int fd, long address, int size, long offset) {
    return (int) LibC.call(SystemCall.PWRITE64, fd, address, size, offset, 0);
  }

  public static int ftruncate(int fd, long size) {
    return (int) LibC.call(SystemCall.FTRUNCATE, fd, size, 0, 0, 0);
  }

  public static int fallocate(int fd, int mode, long offset, long length) {
    return (int) LibC.call(SystemCall.FALLOCATE, fd, mode, offset, length, 0);
  }

  public static long lseek(int fd, long offset, int whence) {
    return LibC.call(SystemCall.LSEEK, fd, offset, whence, 0, 0);
  }

  /**
   * copy_file_range(2) between explicit offsets; neither file's own offset moves. The number of
   * bytes copied, 0 at the end of the source.
   */
  public static long copyFileRange(int in, long inOffset, int out, long outOffset, long length) {
    long struct = Scratch.get().struct();
    Memory.putLong(struct, inOffset);
    Memory.putLong(struct + 8, outOffset);
    return LibC.call(SystemCall.COPY_FILE_RANGE, in, struct, out, struct + 8, length, 0);
  }

  /** ioctl_ficlone(2): shares all data of {@code source} with {@code target}, where it can be. */
  public static int ficlone(int target, int source) {
    return (int) LibC.call(SystemCall.IOCTL, target, FICLONE, source, 0, 0);
  }

  /** ioctl(2) with the address of 16 bytes, given as two words, as argument. */
  public static int ioctl(int fd, long request, long first, long second) {
    long struct = Scratch.get().struct();
    Memory.putLong(struct, first);
    Memory.putLong(struct + Long.BYTES, second);
    return (int) LibC.call(SystemCall.IOCTL, fd, request, struct, 0, 0);
  }

  /** ioctl(2) with an address or number as argument. */
  public static int ioctl(int fd, long request, long argument) {
    return (int) LibC.call(SystemCall.IOCTL, fd, request, argument, 0, 0);
  }

  public static int fsync(int fd) {
    return (int) LibC.call(SystemCall.FSYNC, fd, 0, 0, 0, 0);
  }

  public static int fdatasync(int fd) {
    return (int) LibC.call(SystemCall.FDATASYNC, fd, 0, 0, 0, 0);
  }

  /** syncfs(2): writes out the whole file system that {@code fd} lies on. */
  public static int syncfs(int fd) {
    return (int) LibC.call(SystemCall.SYNCFS, fd, 0, 0, 0, 0);
  }

  /** getdents64(2) into native memory; the bytes filled, 0 at the end. */
  static int getdents64(int fd, long address, int size) {
    return (int) LibC.call(SystemCall.GETDENTS64, fd, address, size, 0, 0);
  }
}
