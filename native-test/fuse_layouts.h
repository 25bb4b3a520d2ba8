/*
 * The C side of the constants in dev.lamina.fuse.wire, from the installed <linux/fuse.h>; see
 * layouts.h. What a header may be too old for stands below its version.
 */
#include <linux/fuse.h>

/* struct fuse_in_header */
#define InHeader_STRUCT_SIZE sizeof(struct fuse_in_header)
#define InHeader_LENGTH FIELD(struct fuse_in_header, len, 4)
#define InHeader_OPCODE FIELD(struct fuse_in_header, opcode, 4)
#define InHeader_UNIQUE FIELD(struct fuse_in_header, unique, 8)
#define InHeader_NODEID FIELD(struct fuse_in_header, nodeid, 8)
#define InHeader_UID FIELD(struct fuse_in_header, uid, 4)
#define InHeader_GID FIELD(struct fuse_in_header, gid, 4)
#define InHeader_PID FIELD(struct fuse_in_header, pid, 4)

/* struct fuse_out_header */
#define OutHeader_STRUCT_SIZE sizeof(struct fuse_out_header)
#define OutHeader_LENGTH FIELD(struct fuse_out_header, len, 4)
#define OutHeader_ERROR FIELD(struct fuse_out_header, error, 4)
#define OutHeader_UNIQUE FIELD(struct fuse_out_header, unique, 8)

/* struct fuse_getattr_in */
#define GetattrIn_STRUCT_SIZE sizeof(struct fuse_getattr_in)
#define GetattrIn_FLAGS FIELD(struct fuse_getattr_in, getattr_flags, 4)
#define GetattrIn_HANDLE FIELD(struct fuse_getattr_in, fh, 8)

/* struct fuse_setattr_in */
#define SetattrIn_STRUCT_SIZE sizeof(struct fuse_setattr_in)
#define SetattrIn_VALID FIELD(struct fuse_setattr_in, valid, 4)
#define SetattrIn_HANDLE FIELD(struct fuse_setattr_in, fh, 8)
#define SetattrIn_SIZE FIELD(struct fuse_setattr_in, size, 8)
#define SetattrIn_ATIME FIELD(struct fuse_setattr_in, atime, 8)
#define SetattrIn_MTIME FIELD(struct fuse_setattr_in, mtime, 8)
#define SetattrIn_ATIME_NANOS FIELD(struct fuse_setattr_in, atimensec, 4)
#define SetattrIn_MTIME_NANOS FIELD(struct fuse_setattr_in, mtimensec, 4)
#define SetattrIn_MODE FIELD(struct fuse_setattr_in, mode, 4)
#define SetattrIn_UID FIELD(struct fuse_setattr_in, uid, 4)
#define SetattrIn_GID FIELD(struct fuse_setattr_in, gid, 4)

/* struct fuse_mknod_in */
#define MknodIn_STRUCT_SIZE sizeof(struct fuse_mknod_in)
#define MknodIn_MODE FIELD(struct fuse_mknod_in, mode, 4)
#define MknodIn_RDEV FIELD(struct fuse_mknod_in, rdev, 4)
#define MknodIn_UMASK FIELD(struct fuse_mknod_in, umask, 4)

/* struct fuse_mkdir_in */
#define MkdirIn_STRUCT_SIZE sizeof(struct fuse_mkdir_in)
#define MkdirIn_MODE FIELD(struct fuse_mkdir_in, mode, 4)
#define MkdirIn_UMASK FIELD(struct fuse_mkdir_in, umask, 4)

/* struct fuse_rename2_in */
#define RenameIn_STRUCT_SIZE sizeof(struct fuse_rename2_in)
#define RenameIn_NEW_DIRECTORY FIELD(struct fuse_rename2_in, newdir, 8)
#define RenameIn_FLAGS FIELD(struct fuse_rename2_in, flags, 4)

/* struct fuse_link_in */
#define LinkIn_STRUCT_SIZE sizeof(struct fuse_link_in)
#define LinkIn_OLD_NODEID FIELD(struct fuse_link_in, oldnodeid, 8)

/* struct fuse_open_in */
#define OpenIn_STRUCT_SIZE sizeof(struct fuse_open_in)
#define OpenIn_FLAGS FIELD(struct fuse_open_in, flags, 4)
#define OpenIn_OPEN_FLAGS FIELD(struct fuse_open_in, open_flags, 4)

/* struct fuse_create_in */
#define CreateIn_STRUCT_SIZE sizeof(struct fuse_create_in)
#define CreateIn_FLAGS FIELD(struct fuse_create_in, flags, 4)
#define CreateIn_MODE FIELD(struct fuse_create_in, mode, 4)
#define CreateIn_UMASK FIELD(struct fuse_create_in, umask, 4)
#define CreateIn_OPEN_FLAGS FIELD(struct fuse_create_in, open_flags, 4)

/* struct fuse_read_in */
#define ReadIn_STRUCT_SIZE sizeof(struct fuse_read_in)
#define ReadIn_HANDLE FIELD(struct fuse_read_in, fh, 8)
#define ReadIn_OFFSET FIELD(struct fuse_read_in, offset, 8)
#define ReadIn_SIZE FIELD(struct fuse_read_in, size, 4)

/* struct fuse_write_in */
#define WriteIn_STRUCT_SIZE sizeof(struct fuse_write_in)
#define WriteIn_HANDLE FIELD(struct fuse_write_in, fh, 8)
#define WriteIn_OFFSET FIELD(struct fuse_write_in, offset, 8)
#define WriteIn_SIZE FIELD(struct fuse_write_in, size, 4)
#define WriteIn_WRITE_FLAGS FIELD(struct fuse_write_in, write_flags, 4)

/* struct fuse_release_in */
#define ReleaseIn_STRUCT_SIZE sizeof(struct fuse_release_in)
#define ReleaseIn_HANDLE FIELD(struct fuse_release_in, fh, 8)

/* struct fuse_fsync_in */
#define FsyncIn_STRUCT_SIZE sizeof(struct fuse_fsync_in)
#define FsyncIn_HANDLE FIELD(struct fuse_fsync_in, fh, 8)
#define FsyncIn_FLAGS FIELD(struct fuse_fsync_in, fsync_flags, 4)

/* struct fuse_setxattr_in */
#define SetxattrIn_STRUCT_SIZE sizeof(struct fuse_setxattr_in)
#define SetxattrIn_SIZE FIELD(struct fuse_setxattr_in, size, 4)
#define SetxattrIn_FLAGS FIELD(struct fuse_setxattr_in, flags, 4)
#define SetxattrIn_SETXATTR_FLAGS FIELD(struct fuse_setxattr_in, setxattr_flags, 4)

/* struct fuse_getxattr_in */
#define GetxattrIn_STRUCT_SIZE sizeof(struct fuse_getxattr_in)
#define GetxattrIn_SIZE FIELD(struct fuse_getxattr_in, size, 4)

/* struct fuse_forget_in */
#define ForgetIn_STRUCT_SIZE sizeof(struct fuse_forget_in)
#define ForgetIn_LOOKUPS FIELD(struct fuse_forget_in, nlookup, 8)

/* struct fuse_batch_forget_in */
#define BatchForgetIn_STRUCT_SIZE sizeof(struct fuse_batch_forget_in)
#define BatchForgetIn_COUNT FIELD(struct fuse_batch_forget_in, count, 4)

/* struct fuse_forget_one */
#define ForgetOne_STRUCT_SIZE sizeof(struct fuse_forget_one)
#define ForgetOne_NODEID FIELD(struct fuse_forget_one, nodeid, 8)
#define ForgetOne_LOOKUPS FIELD(struct fuse_forget_one, nlookup, 8)

/* struct fuse_fallocate_in */
#define FallocateIn_STRUCT_SIZE sizeof(struct fuse_fallocate_in)
#define FallocateIn_HANDLE FIELD(struct fuse_fallocate_in, fh, 8)
#define FallocateIn_OFFSET FIELD(struct fuse_fallocate_in, offset, 8)
#define FallocateIn_LENGTH FIELD(struct fuse_fallocate_in, length, 8)
#define FallocateIn_MODE FIELD(struct fuse_fallocate_in, mode, 4)

/* struct fuse_lseek_in */
#define LseekIn_STRUCT_SIZE sizeof(struct fuse_lseek_in)
#define LseekIn_HANDLE FIELD(struct fuse_lseek_in, fh, 8)
#define LseekIn_OFFSET FIELD(struct fuse_lseek_in, offset, 8)
#define LseekIn_WHENCE FIELD(struct fuse_lseek_in, whence, 4)

/* struct fuse_copy_file_range_in */
#define CopyFileRangeIn_STRUCT_SIZE sizeof(struct fuse_copy_file_range_in)
#define CopyFileRangeIn_HANDLE_IN FIELD(struct fuse_copy_file_range_in, fh_in, 8)
#define CopyFileRangeIn_OFFSET_IN FIELD(struct fuse_copy_file_range_in, off_in, 8)
#define CopyFileRangeIn_NODEID_OUT FIELD(struct fuse_copy_file_range_in, nodeid_out, 8)
#define CopyFileRangeIn_HANDLE_OUT FIELD(struct fuse_copy_file_range_in, fh_out, 8)
#define CopyFileRangeIn_OFFSET_OUT FIELD(struct fuse_copy_file_range_in, off_out, 8)
#define CopyFileRangeIn_LENGTH FIELD(struct fuse_copy_file_range_in, len, 8)
#define CopyFileRangeIn_FLAGS FIELD(struct fuse_copy_file_range_in, flags, 8)

/* struct fuse_ioctl_in */
#define IoctlIn_STRUCT_SIZE sizeof(struct fuse_ioctl_in)
#define IoctlIn_HANDLE FIELD(struct fuse_ioctl_in, fh, 8)
#define IoctlIn_FLAGS FIELD(struct fuse_ioctl_in, flags, 4)
#define IoctlIn_COMMAND FIELD(struct fuse_ioctl_in, cmd, 4)
#define IoctlIn_IN_SIZE FIELD(struct fuse_ioctl_in, in_size, 4)
#define IoctlIn_OUT_SIZE FIELD(struct fuse_ioctl_in, out_size, 4)

/* struct fuse_init_in */
#define InitIn_STRUCT_SIZE sizeof(struct fuse_init_in)
#define InitIn_MAJOR FIELD(struct fuse_init_in, major, 4)
#define InitIn_MINOR FIELD(struct fuse_init_in, minor, 4)
#define InitIn_MAX_READAHEAD FIELD(struct fuse_init_in, max_readahead, 4)
#define InitIn_FLAGS FIELD(struct fuse_init_in, flags, 4)
#define InitIn_FLAGS2 FIELD(struct fuse_init_in, flags2, 4)

/* struct fuse_init_out */
#define InitOut_STRUCT_SIZE sizeof(struct fuse_init_out)
#define InitOut_MAJOR FIELD(struct fuse_init_out, major, 4)
#define InitOut_MINOR FIELD(struct fuse_init_out, minor, 4)
#define InitOut_MAX_READAHEAD FIELD(struct fuse_init_out, max_readahead, 4)
#define InitOut_FLAGS FIELD(struct fuse_init_out, flags, 4)
#define InitOut_MAX_BACKGROUND FIELD(struct fuse_init_out, max_background, 2)
#define InitOut_CONGESTION_THRESHOLD FIELD(struct fuse_init_out, congestion_threshold, 2)
#define InitOut_MAX_WRITE FIELD(struct fuse_init_out, max_write, 4)
#define InitOut_TIME_GRANULARITY FIELD(struct fuse_init_out, time_gran, 4)
#define InitOut_MAX_PAGES FIELD(struct fuse_init_out, max_pages, 2)
#define InitOut_FLAGS2 FIELD(struct fuse_init_out, flags2, 4)

/* struct fuse_attr */
#define Attr_STRUCT_SIZE sizeof(struct fuse_attr)
#define Attr_INO FIELD(struct fuse_attr, ino, 8)
#define Attr_SIZE FIELD(struct fuse_attr, size, 8)
#define Attr_BLOCKS FIELD(struct fuse_attr, blocks, 8)
#define Attr_ATIME FIELD(struct fuse_attr, atime, 8)
#define Attr_MTIME FIELD(struct fuse_attr, mtime, 8)
#define Attr_CTIME FIELD(struct fuse_attr, ctime, 8)
#define Attr_ATIME_NANOS FIELD(struct fuse_attr, atimensec, 4)
#define Attr_MTIME_NANOS FIELD(struct fuse_attr, mtimensec, 4)
#define Attr_CTIME_NANOS FIELD(struct fuse_attr, ctimensec, 4)
#define Attr_MODE FIELD(struct fuse_attr, mode, 4)
#define Attr_NLINK FIELD(struct fuse_attr, nlink, 4)
#define Attr_UID FIELD(struct fuse_attr, uid, 4)
#define Attr_GID FIELD(struct fuse_attr, gid, 4)
#define Attr_RDEV FIELD(struct fuse_attr, rdev, 4)
#define Attr_BLOCK_SIZE FIELD(struct fuse_attr, blksize, 4)
#define Attr_FLAGS FIELD(struct fuse_attr, flags, 4)

/* struct fuse_entry_out */
#define EntryOut_STRUCT_SIZE sizeof(struct fuse_entry_out)
#define EntryOut_NODEID FIELD(struct fuse_entry_out, nodeid, 8)
#define EntryOut_GENERATION FIELD(struct fuse_entry_out, generation, 8)
#define EntryOut_ENTRY_VALID FIELD(struct fuse_entry_out, entry_valid, 8)
#define EntryOut_ATTR_VALID FIELD(struct fuse_entry_out, attr_valid, 8)
#define EntryOut_ENTRY_VALID_NANOS FIELD(struct fuse_entry_out, entry_valid_nsec, 4)
#define EntryOut_ATTR_VALID_NANOS FIELD(struct fuse_entry_out, attr_valid_nsec, 4)

/* struct fuse_attr_out */
#define AttrOut_STRUCT_SIZE sizeof(struct fuse_attr_out)
#define AttrOut_ATTR_VALID FIELD(struct fuse_attr_out, attr_valid, 8)
#define AttrOut_ATTR_VALID_NANOS FIELD(struct fuse_attr_out, attr_valid_nsec, 4)

/* struct fuse_open_out */
#define OpenOut_STRUCT_SIZE sizeof(struct fuse_open_out)
#define OpenOut_HANDLE FIELD(struct fuse_open_out, fh, 8)
#define OpenOut_FLAGS FIELD(struct fuse_open_out, open_flags, 4)

/* struct fuse_write_out */
#define WriteOut_STRUCT_SIZE sizeof(struct fuse_write_out)
#define WriteOut_SIZE FIELD(struct fuse_write_out, size, 4)

/* struct fuse_statfs_out */
#define StatfsOut_STRUCT_SIZE sizeof(struct fuse_statfs_out)
#define StatfsOut_BLOCKS FIELD(struct fuse_statfs_out, st.blocks, 8)
#define StatfsOut_BLOCKS_FREE FIELD(struct fuse_statfs_out, st.bfree, 8)
#define StatfsOut_BLOCKS_AVAILABLE FIELD(struct fuse_statfs_out, st.bavail, 8)
#define StatfsOut_FILES FIELD(struct fuse_statfs_out, st.files, 8)
#define StatfsOut_FILES_FREE FIELD(struct fuse_statfs_out, st.ffree, 8)
#define StatfsOut_BLOCK_SIZE FIELD(struct fuse_statfs_out, st.bsize, 4)
#define StatfsOut_NAME_LENGTH FIELD(struct fuse_statfs_out, st.namelen, 4)
#define StatfsOut_FRAGMENT_SIZE FIELD(struct fuse_statfs_out, st.frsize, 4)

/* struct fuse_getxattr_out */
#define GetxattrOut_STRUCT_SIZE sizeof(struct fuse_getxattr_out)
#define GetxattrOut_SIZE FIELD(struct fuse_getxattr_out, size, 4)

/* struct fuse_lseek_out */
#define LseekOut_STRUCT_SIZE sizeof(struct fuse_lseek_out)
#define LseekOut_OFFSET FIELD(struct fuse_lseek_out, offset, 8)

/* struct fuse_ioctl_out */
#define IoctlOut_STRUCT_SIZE sizeof(struct fuse_ioctl_out)
#define IoctlOut_RESULT FIELD(struct fuse_ioctl_out, result, 4)

/* struct fuse_dirent */
#define Dirent_STRUCT_SIZE sizeof(struct fuse_dirent)
#define Dirent_INO FIELD(struct fuse_dirent, ino, 8)
#define Dirent_OFFSET FIELD(struct fuse_dirent, off, 8)
#define Dirent_NAME_LENGTH FIELD(struct fuse_dirent, namelen, 4)
#define Dirent_TYPE FIELD(struct fuse_dirent, type, 4)

/* struct fuse_notify_inval_inode_out */
#define InvalidateInodeOut_STRUCT_SIZE sizeof(struct fuse_notify_inval_inode_out)
#define InvalidateInodeOut_NODEID FIELD(struct fuse_notify_inval_inode_out, ino, 8)
#define InvalidateInodeOut_OFFSET FIELD(struct fuse_notify_inval_inode_out, off, 8)
#define InvalidateInodeOut_LENGTH FIELD(struct fuse_notify_inval_inode_out, len, 8)

#define ReleaseIn_FLAGS FIELD(struct fuse_release_in, flags, 4)
#define GetattrIn_FH_VALID FUSE_GETATTR_FH
#define SetattrIn_SET_MODE FATTR_MODE
#define SetattrIn_SET_UID FATTR_UID
#define SetattrIn_SET_GID FATTR_GID
#define SetattrIn_SET_SIZE FATTR_SIZE
#define SetattrIn_SET_ATIME FATTR_ATIME
#define SetattrIn_SET_MTIME FATTR_MTIME
#define SetattrIn_FH_VALID FATTR_FH
#define SetattrIn_ATIME_NOW FATTR_ATIME_NOW
#define SetattrIn_MTIME_NOW FATTR_MTIME_NOW
#define SetattrIn_KILL_SUIDGID FATTR_KILL_SUIDGID
#define FsyncIn_DATA_ONLY FUSE_FSYNC_FDATASYNC
#define OpenIn_KILL_SUIDGID FUSE_OPEN_KILL_SUIDGID
#define WriteIn_KILL_SUIDGID FUSE_WRITE_KILL_SUIDGID
#define OpenOut_DIRECT_IO FOPEN_DIRECT_IO
#define OpenOut_KEEP_CACHE FOPEN_KEEP_CACHE
#define OpenOut_CACHE_DIR FOPEN_CACHE_DIR
#define OpenOut_NOFLUSH FOPEN_NOFLUSH
#define EntryOut_ATTR offsetof(struct fuse_entry_out, attr)
#define AttrOut_ATTR offsetof(struct fuse_attr_out, attr)
#define RenameIn_OLD_SIZE sizeof(struct fuse_rename_in)
#define SetxattrIn_OLD_SIZE FUSE_COMPAT_SETXATTR_IN_SIZE
#define SetxattrIn_ACL_KILL_SGID FUSE_SETXATTR_ACL_KILL_SGID
#define IoctlIn_DIRECTORY FUSE_IOCTL_DIR
#define InitIn_OLD_SIZE offsetof(struct fuse_init_in, flags2)
#define InvalidateEntryOut_STRUCT_SIZE sizeof(struct fuse_notify_inval_entry_out)
#define InvalidateEntryOut_PARENT FIELD(struct fuse_notify_inval_entry_out, parent, 8)
#define InvalidateEntryOut_NAME_LENGTH FIELD(struct fuse_notify_inval_entry_out, namelen, 4)
#define InvalidateEntryOut_FLAGS offsetof(struct fuse_notify_inval_entry_out, namelen) + 4
#define Notification_INVALIDATE_ENTRY FUSE_NOTIFY_INVAL_ENTRY
#define Notification_INVALIDATE_INODE FUSE_NOTIFY_INVAL_INODE
#define Protocol_MAJOR FUSE_KERNEL_VERSION
#define Protocol_MIN_READ_BUFFER FUSE_MIN_READ_BUFFER
#define DeviceIoctl_CLONE FUSE_DEV_IOC_CLONE
#define Opcode_LOOKUP FUSE_LOOKUP
#define Opcode_FORGET FUSE_FORGET
#define Opcode_GETATTR FUSE_GETATTR
#define Opcode_SETATTR FUSE_SETATTR
#define Opcode_READLINK FUSE_READLINK
#define Opcode_SYMLINK FUSE_SYMLINK
#define Opcode_MKNOD FUSE_MKNOD
#define Opcode_MKDIR FUSE_MKDIR
#define Opcode_UNLINK FUSE_UNLINK
#define Opcode_RMDIR FUSE_RMDIR
#define Opcode_RENAME FUSE_RENAME
#define Opcode_LINK FUSE_LINK
#define Opcode_OPEN FUSE_OPEN
#define Opcode_READ FUSE_READ
#define Opcode_WRITE FUSE_WRITE
#define Opcode_STATFS FUSE_STATFS
#define Opcode_RELEASE FUSE_RELEASE
#define Opcode_FSYNC FUSE_FSYNC
#define Opcode_SETXATTR FUSE_SETXATTR
#define Opcode_GETXATTR FUSE_GETXATTR
#define Opcode_LISTXATTR FUSE_LISTXATTR
#define Opcode_REMOVEXATTR FUSE_REMOVEXATTR
#define Opcode_FLUSH FUSE_FLUSH
#define Opcode_INIT FUSE_INIT
#define Opcode_OPENDIR FUSE_OPENDIR
#define Opcode_READDIR FUSE_READDIR
#define Opcode_RELEASEDIR FUSE_RELEASEDIR
#define Opcode_FSYNCDIR FUSE_FSYNCDIR
#define Opcode_ACCESS FUSE_ACCESS
#define Opcode_CREATE FUSE_CREATE
#define Opcode_INTERRUPT FUSE_INTERRUPT
#define Opcode_BMAP FUSE_BMAP
#define Opcode_DESTROY FUSE_DESTROY
#define Opcode_IOCTL FUSE_IOCTL
#define Opcode_POLL FUSE_POLL
#define Opcode_NOTIFY_REPLY FUSE_NOTIFY_REPLY
#define Opcode_BATCH_FORGET FUSE_BATCH_FORGET
#define Opcode_FALLOCATE FUSE_FALLOCATE
#define Opcode_READDIRPLUS FUSE_READDIRPLUS
#define Opcode_RENAME2 FUSE_RENAME2
#define Opcode_LSEEK FUSE_LSEEK
#define Opcode_COPY_FILE_RANGE FUSE_COPY_FILE_RANGE
#define Opcode_SYNCFS FUSE_SYNCFS
#define Opcode_TMPFILE FUSE_TMPFILE
#define InitFlags_ASYNC_READ FUSE_ASYNC_READ
#define InitFlags_ATOMIC_O_TRUNC FUSE_ATOMIC_O_TRUNC
#define InitFlags_BIG_WRITES FUSE_BIG_WRITES
#define InitFlags_DONT_MASK FUSE_DONT_MASK
#define InitFlags_DO_READDIRPLUS FUSE_DO_READDIRPLUS
#define InitFlags_READDIRPLUS_AUTO FUSE_READDIRPLUS_AUTO
#define InitFlags_ASYNC_DIO FUSE_ASYNC_DIO
#define InitFlags_WRITEBACK_CACHE FUSE_WRITEBACK_CACHE
#define InitFlags_PARALLEL_DIROPS FUSE_PARALLEL_DIROPS
#define InitFlags_POSIX_ACL FUSE_POSIX_ACL
#define InitFlags_ABORT_ERROR FUSE_ABORT_ERROR
#define InitFlags_MAX_PAGES FUSE_MAX_PAGES
#define InitFlags_CACHE_SYMLINKS FUSE_CACHE_SYMLINKS
#define InitFlags_NO_OPENDIR_SUPPORT FUSE_NO_OPENDIR_SUPPORT
#define InitFlags_HANDLE_KILLPRIV_V2 FUSE_HANDLE_KILLPRIV_V2
#define InitFlags_SETXATTR_EXT FUSE_SETXATTR_EXT
#define InitFlags_INIT_EXT FUSE_INIT_EXT

#define Notification_STORE FUSE_NOTIFY_STORE
#define Notification_RETRIEVE FUSE_NOTIFY_RETRIEVE

/* struct fuse_notify_store_out */
#define StoreOut_STRUCT_SIZE sizeof(struct fuse_notify_store_out)
#define StoreOut_NODEID FIELD(struct fuse_notify_store_out, nodeid, 8)
#define StoreOut_OFFSET FIELD(struct fuse_notify_store_out, offset, 8)
#define StoreOut_SIZE FIELD(struct fuse_notify_store_out, size, 4)
#define StoreOut_PADDING FIELD(struct fuse_notify_store_out, padding, 4)

/* struct fuse_notify_retrieve_out */
#define RetrieveOut_STRUCT_SIZE sizeof(struct fuse_notify_retrieve_out)
#define RetrieveOut_UNIQUE FIELD(struct fuse_notify_retrieve_out, notify_unique, 8)
#define RetrieveOut_NODEID FIELD(struct fuse_notify_retrieve_out, nodeid, 8)
#define RetrieveOut_OFFSET FIELD(struct fuse_notify_retrieve_out, offset, 8)
#define RetrieveOut_SIZE FIELD(struct fuse_notify_retrieve_out, size, 4)
#define RetrieveOut_PADDING FIELD(struct fuse_notify_retrieve_out, padding, 4)

/* struct fuse_interrupt_in */
#define InterruptIn_STRUCT_SIZE sizeof(struct fuse_interrupt_in)

#if FUSE_KERNEL_MINOR_VERSION >= 38
#define InHeader_EXTENSION_LENGTH FIELD(struct fuse_in_header, total_extlen, 2)
#endif

#if FUSE_KERNEL_MINOR_VERSION >= 39
/* struct fuse_statx_in */
#define StatxIn_STRUCT_SIZE sizeof(struct fuse_statx_in)
#define StatxIn_FLAGS FIELD(struct fuse_statx_in, getattr_flags, 4)
#define StatxIn_HANDLE FIELD(struct fuse_statx_in, fh, 8)
#define StatxIn_MASK FIELD(struct fuse_statx_in, sx_mask, 4)

/* struct fuse_statx_out */
#define StatxOut_STRUCT_SIZE sizeof(struct fuse_statx_out)
#define StatxOut_ATTR_VALID FIELD(struct fuse_statx_out, attr_valid, 8)
#define StatxOut_ATTR_VALID_NANOS FIELD(struct fuse_statx_out, attr_valid_nsec, 4)

#define Opcode_STATX FUSE_STATX
#define StatxOut_STAT offsetof(struct fuse_statx_out, stat)
#endif

#if FUSE_KERNEL_MINOR_VERSION >= 40
#define OpenOut_PASSTHROUGH FOPEN_PASSTHROUGH
#define OpenOut_BACKING_ID FIELD(struct fuse_open_out, backing_id, 4)
#define InitOut_MAX_STACK_DEPTH FIELD(struct fuse_init_out, max_stack_depth, 4)
#define InitFlags_PASSTHROUGH FUSE_PASSTHROUGH
#define DeviceIoctl_BACKING_OPEN FUSE_DEV_IOC_BACKING_OPEN
#define DeviceIoctl_BACKING_CLOSE FUSE_DEV_IOC_BACKING_CLOSE
#endif

#if FUSE_KERNEL_MINOR_VERSION >= 42
#define InitFlags_OVER_IO_URING FUSE_OVER_IO_URING

/* struct fuse_uring_req_header */
#define RingHeader_STRUCT_SIZE sizeof(struct fuse_uring_req_header)
#define RingHeader_ARGUMENTS offsetof(struct fuse_uring_req_header, op_in)
#define RingHeader_ARGUMENTS_SIZE FUSE_URING_OP_IN_OUT_SZ
#define RingHeader_COMMIT_ID FIELD(struct fuse_uring_req_header, ring_ent_in_out.commit_id, 8)
#define RingHeader_PAYLOAD_SIZE FIELD(struct fuse_uring_req_header, ring_ent_in_out.payload_sz, 4)

/* struct fuse_uring_cmd_req */
#define RingCommand_REGISTER FUSE_IO_URING_CMD_REGISTER
#define RingCommand_COMMIT_AND_FETCH FUSE_IO_URING_CMD_COMMIT_AND_FETCH
#define RingCommand_COMMIT_ID FIELD(struct fuse_uring_cmd_req, commit_id, 8)
#define RingCommand_QUEUE FIELD(struct fuse_uring_cmd_req, qid, 2)
#endif
