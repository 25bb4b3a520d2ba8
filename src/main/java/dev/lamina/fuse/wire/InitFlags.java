package dev.lamina.fuse.wire;

/** {@code FUSE_} flags of INIT: what kernel and file system agree on. */
public final class InitFlags {
  /** Several READs of one file at once. */
  public static final long ASYNC_READ = 1L << 0;

  /** OPEN truncates where O_TRUNC is among its flags. */
  public static final long ATOMIC_O_TRUNC = 1L << 3;

  /** WRITE of more than a page. */
  public static final long BIG_WRITES = 1L << 5;

  /** Modes come without the umask applied. */
  public static final long DONT_MASK = 1L << 6;

  public static final long DO_READDIRPLUS = 1L << 13;

  /** READDIRPLUS where the caller has use for attributes, READDIR else. */
  public static final long READDIRPLUS_AUTO = 1L << 14;

  public static final long ASYNC_DIO = 1L << 15;

  /** Excludes {@link #PASSTHROUGH}. */
  public static final long WRITEBACK_CACHE = 1L << 16;

  /** LOOKUP and READDIR of one directory at once. */
  public static final long PARALLEL_DIROPS = 1L << 18;

  /** The kernel enforces and inherits POSIX access control lists. */
  public static final long POSIX_ACL = 1L << 20;

  public static final long ABORT_ERROR = 1L << 21;

  /** The answer says how many pages a request may have. */
  public static final long MAX_PAGES = 1L << 22;

  public static final long CACHE_SYMLINKS = 1L << 23;

  /** ENOSYS to OPENDIR means: directories need no opening. */
  public static final long NO_OPENDIR_SUPPORT = 1L << 24;

  /** The file system takes setuid and setgid bits away when a file changes. */
  public static final long HANDLE_KILLPRIV_V2 = 1L << 28;

  /** SETXATTR has flags of its own. */
  public static final long SETXATTR_EXT = 1L << 29;

  /** INIT has a second half of flags. */
  public static final long INIT_EXT = 1L << 30;

  /** Files may be read and written without asking. */
  public static final long PASSTHROUGH = 1L << 37;

  /** Requests may go through rings of io_uring, one for each processor. */
  public static final long OVER_IO_URING = 1L << 41;

  private InitFlags() {}
}
