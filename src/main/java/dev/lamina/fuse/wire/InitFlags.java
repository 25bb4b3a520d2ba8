package dev.lamina.fuse.wire;

/**
 * The {@code FUSE_} flags of INIT, with which the kernel and the file system negotiate features.
 */
public final class InitFlags {
  /** The kernel may send several READs of a file concurrently. */
  public static final long ASYNC_READ = 1L << 0;

  /** OPEN truncates the file if O_TRUNC is among its flags. */
  public static final long ATOMIC_O_TRUNC = 1L << 3;

  /** A WRITE may carry more than a page. */
  public static final long BIG_WRITES = 1L << 5;

  /** The kernel does not apply the umask to modes. */
  public static final long DONT_MASK = 1L << 6;

  public static final long DO_READDIRPLUS = 1L << 13;

  /**
   * The kernel sends READDIRPLUS only when the caller can be expected to use the attributes, and
   * otherwise READDIR.
   */
  public static final long READDIRPLUS_AUTO = 1L << 14;

  public static final long ASYNC_DIO = 1L << 15;

  /** The kernel caches writes. This excludes {@link #PASSTHROUGH}. */
  public static final long WRITEBACK_CACHE = 1L << 16;

  /** The kernel may send LOOKUP and READDIR of one directory concurrently. */
  public static final long PARALLEL_DIROPS = 1L << 18;

  /** The kernel enforces and inherits POSIX access control lists. */
  public static final long POSIX_ACL = 1L << 20;

  public static final long ABORT_ERROR = 1L << 21;

  /** The reply says how many pages a request may have. */
  public static final long MAX_PAGES = 1L << 22;

  public static final long CACHE_SYMLINKS = 1L << 23;

  /** ENOSYS in reply to OPENDIR means that directories need not be opened. */
  public static final long NO_OPENDIR_SUPPORT = 1L << 24;

  /** The file system clears setuid and setgid bits when a file changes. */
  public static final long HANDLE_KILLPRIV_V2 = 1L << 28;

  /** SETXATTR has flags of its own. */
  public static final long SETXATTR_EXT = 1L << 29;

  /** INIT has a second half of flags. */
  public static final long INIT_EXT = 1L << 30;

  /** The kernel may read and write backing files without the daemon. */
  public static final long PASSTHROUGH = 1L << 37;

  /** Requests may go through io_uring, with a queue for each processor. */
  public static final long OVER_IO_URING = 1L << 41;

  private InitFlags() {}
}
