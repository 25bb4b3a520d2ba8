package dev.lamina.sys;

/**
 * The system call numbers of the running architecture.
 *
 * <p>Every call is made by number through {@code syscall(2)}: wrappers such as {@code fstatat} or
 * {@code openat2} exist only in some versions of the C library. Numbers from 424 on are the same on
 * every architecture. A test compares this table with the C headers of both architectures.
 */
final class SystemCall {
  static final int READ = pick(0, 63);
  static final int WRITE = pick(1, 64);
  static final int CLOSE = pick(3, 57);
  static final int LSEEK = pick(8, 62);
  static final int MMAP = pick(9, 222);
  static final int MUNMAP = pick(11, 215);
  static final int IOCTL = pick(16, 29);
  static final int PREAD64 = pick(17, 67);
  static final int PWRITE64 = pick(18, 68);
  static final int WRITEV = pick(20, 66);
  static final int MADVISE = pick(28, 233);
  static final int SOCKET = pick(41, 198);
  static final int RECVMSG = pick(47, 212);
  static final int SOCKETPAIR = pick(53, 199);
  static final int KILL = pick(62, 129);
  static final int FCNTL = pick(72, 25);
  static final int FLOCK = pick(73, 32);
  static final int FSYNC = pick(74, 82);
  static final int FDATASYNC = pick(75, 83);
  static final int FTRUNCATE = pick(77, 46);
  static final int CHDIR = pick(80, 49);
  static final int FCHDIR = pick(81, 50);
  static final int FCHMOD = pick(91, 52);
  static final int FCHOWN = pick(93, 55);
  static final int UMASK = pick(95, 166);
  static final int GETEUID = pick(107, 175);
  static final int GETEGID = pick(108, 177);
  static final int SETSID = pick(112, 157);
  static final int SETFSUID = pick(122, 151);
  static final int SETFSGID = pick(123, 152);
  static final int FSTATFS = pick(138, 44);
  static final int PIVOT_ROOT = pick(155, 41);
  static final int PRCTL = pick(157, 167);
  static final int MOUNT = pick(165, 40);
  static final int UMOUNT2 = pick(166, 39);
  static final int SETHOSTNAME = pick(170, 161);
  static final int SETXATTR = pick(188, 5);
  static final int LSETXATTR = pick(189, 6);
  static final int FSETXATTR = pick(190, 7);
  static final int GETXATTR = pick(191, 8);
  static final int LGETXATTR = pick(192, 9);
  static final int FGETXATTR = pick(193, 10);
  static final int LISTXATTR = pick(194, 11);
  static final int LLISTXATTR = pick(195, 12);
  static final int FLISTXATTR = pick(196, 13);
  static final int REMOVEXATTR = pick(197, 14);
  static final int LREMOVEXATTR = pick(198, 15);
  static final int FREMOVEXATTR = pick(199, 16);
  static final int SCHED_SETAFFINITY = pick(203, 122);
  static final int SCHED_GETAFFINITY = pick(204, 123);
  static final int GETDENTS64 = pick(217, 61);
  static final int OPENAT = pick(257, 56);
  static final int MKDIRAT = pick(258, 34);
  static final int MKNODAT = pick(259, 33);
  static final int FCHOWNAT = pick(260, 54);
  static final int UNLINKAT = pick(263, 35);
  static final int LINKAT = pick(265, 37);
  static final int SYMLINKAT = pick(266, 36);
  static final int READLINKAT = pick(267, 78);
  static final int FCHMODAT = pick(268, 53);
  static final int UNSHARE = pick(272, 97);
  static final int UTIMENSAT = pick(280, 88);
  static final int FALLOCATE = pick(285, 47);
  static final int DUP3 = pick(292, 24);
  static final int PRLIMIT64 = pick(302, 261);
  static final int SYNCFS = pick(306, 267);
  static final int SETNS = pick(308, 268);
  static final int RENAMEAT2 = pick(316, 276);
  static final int GETRANDOM = pick(318, 278);
  static final int COPY_FILE_RANGE = pick(326, 285);
  static final int PWRITEV2 = pick(328, 287);
  static final int STATX = pick(332, 291);
  static final int IO_URING_SETUP = 425;
  static final int IO_URING_ENTER = 426;
  static final int OPEN_TREE = 428;
  static final int OPENAT2 = 437;
  static final int MOUNT_SETATTR = 442;
  static final int FCHMODAT2 = 452;
  static final int GETXATTRAT = 464;
  static final int LISTXATTRAT = 465;

  private SystemCall() {}

  private static int pick(int x86, int aarch64) {
    return Architecture.IS_AARCH64 ? aarch64 : x86;
  }
}
