package dev.lamina.sys;

/**
 * Linux system calls. A method has the name of its call, takes the arguments in the call's order,
 * and returns the value, or the negative error number (see {@link Errno}); no method throws.
 *
 * <p>Names are bytes without a NUL. An empty name stands for the object that the descriptor itself
 * refers to (AT_EMPTY_PATH). The caller closes descriptors that are returned.
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

  /** The nanosecond values with a special meaning in {@link #utimensat}. */
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

  /** The empty name, for calls on the object of the descriptor itself. */
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

  /** Calls openat(2). The caller closes the descriptor. */
  public static int openat(int dirfd, byte[] name, int flags, int mode) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.OPENAT, dirfd, path, flags | OpenFlags.O_CLOEXEC, mode, 0);
  }

  /** Calls openat2(2) with {@code RESOLVE_} flags. The caller closes the descriptor. */
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
   * Opens the object of a descriptor again with other flags, for example to read or write the
   * object of an O_PATH descriptor. The caller closes the new descriptor.
   */
  public static int reopen(int fd, int flags) {
    long path = Scratch.get().procPath(fd, EMPTY);
    return (int) LibC.call(SystemCall.OPENAT, AT_FDCWD, path, flags | OpenFlags.O_CLOEXEC, 0, 0);
  }

  /**
   * Calls open_tree(2) with OPEN_TREE_CLONE: makes a private copy of the mount that contains a
   * directory, with that directory as its root and without the mounts below it. This needs
   * CAP_SYS_ADMIN and Linux 5.2. The caller closes the descriptor, which is like one of O_PATH.
   */
  public static int cloneTree(int dirfd) {
    long path = Scratch.get().first(EMPTY);
    long flags = OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC | AT_EMPTY_PATH;
    return (int) LibC.call(SystemCall.OPEN_TREE, dirfd, path, flags, 0, 0);
  }

  /** Calls close(2). The descriptor is closed even after EINTR and EIO. */
  public static int close(int fd) {
    return (int) LibC.call(SystemCall.CLOSE, fd, 0, 0, 0, 0);
  }

  public static int dup3(int oldfd, int newfd, int flags) {
    return (int) LibC.call(SystemCall.DUP3, oldfd, newfd, flags, 0, 0);
  }

  /** Calls fcntl(2) with an integer argument. */
  public static int fcntl(int fd, int command, long argument) {
    return (int) LibC.call(SystemCall.FCNTL, fd, command, argument, 0, 0);
  }

  /** Returns the access mode and the status flags, including O_PATH: F_GETFL of fcntl(2). */
  public static int fgetFlags(int fd) {
    return fcntl(fd, F_GETFL, 0);
  }

  /**
   * Calls fcntl(2) for record locks: F_GETLK, F_SETLK or F_SETLKW with {@code lock}, which receives
   * the answer of F_GETLK.
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

  /** Calls flock(2), and repeats the call if a signal has ended the wait. */
  public static int flock(int fd, int operation) {
    int result;
    do {
      result = (int) LibC.call(SystemCall.FLOCK, fd, operation, 0, 0, 0);
    } while (result == -Errno.EINTR);
    return result;
  }

  // Attributes

  /**
   * Calls statx(2) for a name, without following it, or for the descriptor if the name is empty.
   */
  public static int statx(int dirfd, byte[] name, Stat out) {
    return statx(dirfd, name, 0, out);
  }

  /**
   * Reads the attributes of an open file that the kernel has cached, without asking the file system
   * (AT_STATX_DONT_SYNC). For a FUSE mount that is not served yet only the device number is
   * correct.
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

  /** Calls statx(2) for a descriptor, which may be O_PATH. */
  public static int fstat(int fd, Stat out) {
    return statx(fd, EMPTY, out);
  }

  /** Calls fstatfs(2). The descriptor may be O_PATH. */
  public static int fstatfs(int fd, FileSystemStat out) {
    long struct = Scratch.get().struct();
    int result = (int) LibC.call(SystemCall.FSTATFS, fd, struct, 0, 0, 0);
    if (result == 0) {
      out.read(struct);
    }
    return result;
  }

  /**
   * Changes the permission bits of a name or, if the name is empty, of the object of a descriptor,
   * which may be O_PATH. Symbolic links are not followed but give EOPNOTSUPP.
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

  /**
   * Does the same before Linux 6.6, with chmod of /proc/self/fd/N, which cannot refer to a link's
   * target.
   */
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

  /** Calls fchownat(2) for a name without following it. An id of -1 is not changed. */
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
   * Calls utimensat(2) for a name without following it. Nanoseconds may be {@link #UTIME_NOW} or
   * {@link #UTIME_OMIT}.
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
   * Calls readlinkat(2) with native memory; returns the length of the target, truncated to {@code
   * size}. An empty name reads the link that an O_PATH descriptor refers to.
   */
  public static int readlinkat(int dirfd, byte[] name, long address, int size) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.READLINKAT, dirfd, path, address, size, 0);
  }

  /** Calls utimensat(2) with the access and modification times of another object. */
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
   * Calls mknodat(2) with a device number of {@link Devices#make}. The call takes 32 bits of it. A
   * number that needs more is EINVAL, as with mknod(3), instead of another device.
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

  /** Calls linkat(2) for a name without following it. */
  public static int linkat(int oldDirfd, byte[] oldName, int newDirfd, byte[] newName) {
    Scratch scratch = Scratch.get();
    long oldPath = scratch.first(oldName);
    long newPath = scratch.second(newName);
    if (oldPath == 0 || newPath == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.LINKAT, oldDirfd, oldPath, newDirfd, newPath, 0);
  }

  /** Gives a name to the object of a descriptor, for example one of O_TMPFILE. */
  public static int linkDescriptor(int fd, int newDirfd, byte[] newName) {
    Scratch scratch = Scratch.get();
    long newPath = scratch.second(newName);
    if (newPath == 0) {
      return -Errno.ENAMETOOLONG;
    }
    long path = scratch.procPath(fd, EMPTY);
    return (int) LibC.call(SystemCall.LINKAT, AT_FDCWD, path, newDirfd, newPath, AT_SYMLINK_FOLLOW);
  }

  /** Calls unlinkat(2). {@code flags} is 0 or {@link #AT_REMOVEDIR}. */
  public static int unlinkat(int dirfd, byte[] name, int flags) {
    long path = Scratch.get().first(name);
    if (path == 0) {
      return -Errno.ENAMETOOLONG;
    }
    return (int) LibC.call(SystemCall.UNLINKAT, dirfd, path, flags, 0, 0);
  }

  /** Calls renameat2(2) with {@code RENAME_} flags. */
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

  /** Calls read(2) with native memory; returns the number of bytes read, 0 at the end. */
  public static int read(int fd, long address, int size) {
    return (int) LibC.call(SystemCall.READ, fd, address, size, 0, 0);
  }

  /** Calls write(2) with native memory; returns the number of bytes written. */
  public static int write(int fd, long address, int size) {
    return (int) LibC.call(SystemCall.WRITE, fd, address, size, 0, 0);
  }

  /**
   * Calls writev(2) with {@code count} structures {@link Iovec}; returns the number of bytes
   * written.
   */
  public static int writev(int fd, long iov, int count) {
    return (int) LibC.call(SystemCall.WRITEV, fd, iov, count, 0, 0);
  }

  /**
   * Calls pread64(2) with native memory; returns the number of bytes read, 0 at the end of the
   * file.
   */
  public static int pread(int fd, long address, int size, long offset) {
    return (int) LibC.call(SystemCall.PREAD64, fd, address, size, offset, 0);
  }

  /**
   * Calls pwrite64(2) with native memory; returns the number of bytes written, which may be fewer.
   */
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
   * Calls copy_file_range(2) with explicit offsets, so that the files' own offsets do not change;
   * returns the number of bytes copied, 0 at the end of the source.
   */
  public static long copyFileRange(int in, long inOffset, int out, long outOffset, long length) {
    long struct = Scratch.get().struct();
    Memory.putLong(struct, inOffset);
    Memory.putLong(struct + 8, outOffset);
    return LibC.call(SystemCall.COPY_FILE_RANGE, in, struct, out, struct + 8, length, 0);
  }

  /**
   * Calls ioctl_ficlone(2): makes {@code target} share all data of {@code source}, if the file
   * system supports that.
   */
  public static int ficlone(int target, int source) {
    return (int) LibC.call(SystemCall.IOCTL, target, FICLONE, source, 0, 0);
  }

  /** Calls ioctl(2) with the address of 16 bytes, which are given as two words, as its argument. */
  public static int ioctl(int fd, long request, long first, long second) {
    long struct = Scratch.get().struct();
    Memory.putLong(struct, first);
    Memory.putLong(struct + Long.BYTES, second);
    return (int) LibC.call(SystemCall.IOCTL, fd, request, struct, 0, 0);
  }

  /** Calls ioctl(2) with an address or a number as its argument. */
  public static int ioctl(int fd, long request, long argument) {
    return (int) LibC.call(SystemCall.IOCTL, fd, request, argument, 0, 0);
  }

  public static int fsync(int fd) {
    return (int) LibC.call(SystemCall.FSYNC, fd, 0, 0, 0, 0);
  }

  public static int fdatasync(int fd) {
    return (int) LibC.call(SystemCall.FDATASYNC, fd, 0, 0, 0, 0);
  }

  /** Calls syncfs(2): writes the whole file system that contains {@code fd} to the disk. */
  public static int syncfs(int fd) {
    return (int) LibC.call(SystemCall.SYNCFS, fd, 0, 0, 0, 0);
  }

  /** Calls getdents64(2) with native memory; returns the number of bytes filled, 0 at the end. */
  static int getdents64(int fd, long address, int size) {
    return (int) LibC.call(SystemCall.GETDENTS64, fd, address, size, 0, 0);
  }
}
