/*
 * The C side of the constants in dev.lamina.sys. KernelConstantsTest writes one _Static_assert for
 * every constant there is, compiles them with this header for x86-64 and for aarch64, and looks a
 * constant up here as Class_NAME first, then in the system's headers under its own name.
 *
 * An offset goes with the width the Java side reads or writes: a field of another size is -1.
 */
#define _GNU_SOURCE
#include <asm/termbits.h>
#include <asm/ioctls.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <linux/sockios.h>
#include <linux/xattr.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define WIDTH(type, field) sizeof(((type *)0)->field)
#define FIELD(type, field, width) (WIDTH(type, field) == (width) ? (long)offsetof(type, field) : -1L)

/* Since Linux 6.6; numbers from 424 on are the same everywhere. */
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

/* Since Linux 6.13. */
#ifndef __NR_getxattrat
#define __NR_getxattrat 464
#define __NR_listxattrat 465
#endif

#define Mode_PERMISSIONS (S_ISUID | S_ISGID | S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO)
#define FileSystemStat_FUSE_MAGIC FUSE_SUPER_MAGIC
#define FileSystemStat_OVERLAYFS_MAGIC OVERLAYFS_SUPER_MAGIC
#define FileSystemStat_ECRYPTFS_MAGIC ECRYPTFS_SUPER_MAGIC
#define Scratch_STRING_SIZE PATH_MAX

/* struct statx */
#define Stat_STRUCT_SIZE sizeof(struct statx)
#define Stat_BLKSIZE FIELD(struct statx, stx_blksize, 4)
#define Stat_NLINK FIELD(struct statx, stx_nlink, 4)
#define Stat_UID FIELD(struct statx, stx_uid, 4)
#define Stat_GID FIELD(struct statx, stx_gid, 4)
#define Stat_MODE FIELD(struct statx, stx_mode, 2)
#define Stat_INO FIELD(struct statx, stx_ino, 8)
#define Stat_SIZE FIELD(struct statx, stx_size, 8)
#define Stat_BLOCKS FIELD(struct statx, stx_blocks, 8)
#define Stat_ATIME_SEC FIELD(struct statx, stx_atime.tv_sec, 8)
#define Stat_ATIME_NSEC FIELD(struct statx, stx_atime.tv_nsec, 4)
#define Stat_MASK FIELD(struct statx, stx_mask, 4)
#define Stat_ATTRIBUTES FIELD(struct statx, stx_attributes, 8)
#define Stat_MNT_ID FIELD(struct statx, stx_mnt_id, 8)
#define Stat_BTIME_SEC FIELD(struct statx, stx_btime.tv_sec, 8)
#define Stat_BTIME_NSEC FIELD(struct statx, stx_btime.tv_nsec, 4)
#define Stat_CTIME_SEC FIELD(struct statx, stx_ctime.tv_sec, 8)
#define Stat_CTIME_NSEC FIELD(struct statx, stx_ctime.tv_nsec, 4)
#define Stat_MTIME_SEC FIELD(struct statx, stx_mtime.tv_sec, 8)
#define Stat_MTIME_NSEC FIELD(struct statx, stx_mtime.tv_nsec, 4)
#define Stat_RDEV_MAJOR FIELD(struct statx, stx_rdev_major, 4)
#define Stat_RDEV_MINOR FIELD(struct statx, stx_rdev_minor, 4)
#define Stat_DEV_MAJOR FIELD(struct statx, stx_dev_major, 4)
#define Stat_DEV_MINOR FIELD(struct statx, stx_dev_minor, 4)

/* struct fsxattr */
#define FileFlags_STRUCT_SIZE sizeof(struct fsxattr)

/* struct statfs; on 64-bit architectures the C library's is the kernel's. */
#define FileSystemStat_STRUCT_SIZE sizeof(struct statfs)
#define FileSystemStat_TYPE FIELD(struct statfs, f_type, 8)
#define FileSystemStat_BSIZE FIELD(struct statfs, f_bsize, 8)
#define FileSystemStat_BLOCKS FIELD(struct statfs, f_blocks, 8)
#define FileSystemStat_BFREE FIELD(struct statfs, f_bfree, 8)
#define FileSystemStat_BAVAIL FIELD(struct statfs, f_bavail, 8)
#define FileSystemStat_FILES FIELD(struct statfs, f_files, 8)
#define FileSystemStat_FFREE FIELD(struct statfs, f_ffree, 8)
#define FileSystemStat_FSID FIELD(struct statfs, f_fsid, 8)
#define FileSystemStat_NAMELEN FIELD(struct statfs, f_namelen, 8)
#define FileSystemStat_FRSIZE FIELD(struct statfs, f_frsize, 8)

/* struct flock; off_t has 64 bits. */
#define RecordLock_STRUCT_SIZE sizeof(struct flock)
#define RecordLock_TYPE FIELD(struct flock, l_type, 2)
#define RecordLock_WHENCE FIELD(struct flock, l_whence, 2)
#define RecordLock_START FIELD(struct flock, l_start, 8)
#define RecordLock_LEN FIELD(struct flock, l_len, 8)
#define RecordLock_PID FIELD(struct flock, l_pid, 4)

/* struct linux_dirent64 is in no header; the C library's dirent64 is the same. */
#define DirectoryReader_INO FIELD(struct dirent64, d_ino, 8)
#define DirectoryReader_RECLEN FIELD(struct dirent64, d_reclen, 2)
#define DirectoryReader_TYPE FIELD(struct dirent64, d_type, 1)
#define DirectoryReader_NAME offsetof(struct dirent64, d_name)

/* struct open_how: the size of its first version, which every kernel with openat2 takes. */
#define Linux_OPEN_HOW_FLAGS FIELD(struct open_how, flags, 8)
#define Linux_OPEN_HOW_MODE FIELD(struct open_how, mode, 8)
#define Linux_OPEN_HOW_RESOLVE FIELD(struct open_how, resolve, 8)
#define Linux_OPEN_HOW_SIZE (offsetof(struct open_how, resolve) + WIDTH(struct open_how, resolve))

/* struct timespec */
#define Linux_TIMESPEC_SEC FIELD(struct timespec, tv_sec, 8)
#define Linux_TIMESPEC_NSEC FIELD(struct timespec, tv_nsec, 8)
#define Linux_TIMESPEC_SIZE sizeof(struct timespec)

/* struct iovec */
#define Iovec_STRUCT_SIZE sizeof(struct iovec)
#define Iovec_BASE FIELD(struct iovec, iov_base, 8)
#define Iovec_LENGTH FIELD(struct iovec, iov_len, 8)

/* struct msghdr and struct cmsghdr, with room for one descriptor */
#define DescriptorSocket_MSG_IOV FIELD(struct msghdr, msg_iov, 8)
#define DescriptorSocket_MSG_IOVLEN FIELD(struct msghdr, msg_iovlen, 8)
#define DescriptorSocket_MSG_CONTROL FIELD(struct msghdr, msg_control, 8)
#define DescriptorSocket_MSG_CONTROLLEN FIELD(struct msghdr, msg_controllen, 8)
#define DescriptorSocket_MSG_SIZE sizeof(struct msghdr)
#define DescriptorSocket_CMSG_LEN FIELD(struct cmsghdr, cmsg_len, 8)
#define DescriptorSocket_CMSG_LEVEL FIELD(struct cmsghdr, cmsg_level, 4)
#define DescriptorSocket_CMSG_TYPE FIELD(struct cmsghdr, cmsg_type, 4)
#define DescriptorSocket_CMSG_DATA CMSG_LEN(0)
#define DescriptorSocket_CMSG_SPACE CMSG_SPACE(sizeof(int))

/* struct mount_attr */
#define Mounts_ATTR_SET FIELD(struct mount_attr, attr_set, 8)
#define Mounts_ATTR_CLR FIELD(struct mount_attr, attr_clr, 8)
#define Mounts_ATTR_STRUCT_SIZE sizeof(struct mount_attr)

/* struct ifreq */
#define Namespaces_IFREQ_FLAGS FIELD(struct ifreq, ifr_flags, 2)
#define Namespaces_IFREQ_SIZE sizeof(struct ifreq)

/* struct termios of the kernel */
#define Terminal_IFLAG FIELD(struct termios, c_iflag, 4)
#define Terminal_OFLAG FIELD(struct termios, c_oflag, 4)
#define Terminal_CFLAG FIELD(struct termios, c_cflag, 4)
#define Terminal_LFLAG FIELD(struct termios, c_lflag, 4)
#define Terminal_CC offsetof(struct termios, c_cc)
#define Terminal_TERMIOS_SIZE sizeof(struct termios)

/* struct winsize is in a header that does not go with the kernel's struct termios. */
struct winsize_of_kernel {
  unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};
#define Terminal_WINSIZE_ROWS FIELD(struct winsize_of_kernel, ws_row, 2)
#define Terminal_WINSIZE_COLUMNS FIELD(struct winsize_of_kernel, ws_col, 2)

/* struct rlimit64 */
#define ProcessCalls_RLIMIT_CUR FIELD(struct rlimit64, rlim_cur, 8)
#define ProcessCalls_RLIMIT_MAX FIELD(struct rlimit64, rlim_max, 8)
#define ProcessCalls_RLIM64_INFINITY RLIM64_INFINITY

/* struct xattr_args, since Linux 6.13 */
struct xattr_args_6_13 {
  unsigned long long value __attribute__((aligned(8)));
  unsigned int size;
  unsigned int flags;
};
#define Xattrs_ARGS_VALUE FIELD(struct xattr_args_6_13, value, 8)
#define Xattrs_ARGS_SIZE FIELD(struct xattr_args_6_13, size, 4)
#define Xattrs_ARGS_STRUCT_SIZE sizeof(struct xattr_args_6_13)

/* io_uring */
#define IoUring_OP_URING_CMD IORING_OP_URING_CMD
#define IoUring_COMMAND_SIZE 2 * sizeof(struct io_uring_sqe) - offsetof(struct io_uring_sqe, cmd)
#define IoUring_SETUP_SQE128 IORING_SETUP_SQE128
#define IoUring_FEATURE_SINGLE_MMAP IORING_FEAT_SINGLE_MMAP
#define IoUring_ENTER_GETEVENTS IORING_ENTER_GETEVENTS
#define IoUring_OFFSET_RINGS IORING_OFF_SQ_RING
#define IoUring_OFFSET_SQES IORING_OFF_SQES
#define IoUring_PARAMS_SIZE sizeof(struct io_uring_params)
#define IoUring_PARAMS_CQ_ENTRIES FIELD(struct io_uring_params, cq_entries, 4)
#define IoUring_PARAMS_FLAGS FIELD(struct io_uring_params, flags, 4)
#define IoUring_PARAMS_FEATURES FIELD(struct io_uring_params, features, 4)
#define IoUring_PARAMS_SQ_OFF offsetof(struct io_uring_params, sq_off)
#define IoUring_PARAMS_CQ_OFF offsetof(struct io_uring_params, cq_off)
#define IoUring_SQ_TAIL FIELD(struct io_sqring_offsets, tail, 4)
#define IoUring_SQ_ARRAY FIELD(struct io_sqring_offsets, array, 4)
#define IoUring_CQ_HEAD FIELD(struct io_cqring_offsets, head, 4)
#define IoUring_CQ_TAIL FIELD(struct io_cqring_offsets, tail, 4)
#define IoUring_CQ_MASK FIELD(struct io_cqring_offsets, ring_mask, 4)
#define IoUring_CQ_CQES FIELD(struct io_cqring_offsets, cqes, 4)
#define IoUring_SQE_SIZE 2 * sizeof(struct io_uring_sqe)
#define IoUring_SQE_FD FIELD(struct io_uring_sqe, fd, 4)
#define IoUring_SQE_COMMAND_OP FIELD(struct io_uring_sqe, cmd_op, 4)
#define IoUring_SQE_ADDRESS FIELD(struct io_uring_sqe, addr, 8)
#define IoUring_SQE_LENGTH FIELD(struct io_uring_sqe, len, 4)
#define IoUring_SQE_COMMAND offsetof(struct io_uring_sqe, cmd)
#define IoUring_CQE_SIZE sizeof(struct io_uring_cqe)
#define IoUring_CQE_RESULT FIELD(struct io_uring_cqe, res, 4)
