package dev.lamina.fuse.kernel;

import dev.lamina.fuse.MountException;
import dev.lamina.fuse.wire.InHeader;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.InitIn;
import dev.lamina.fuse.wire.InitOut;
import dev.lamina.fuse.wire.Protocol;
import dev.lamina.sys.Memory;

/** The features of a mount that were negotiated with the kernel in INIT. */
final class Connection {
  /** The flags that are requested if the kernel offers them. */
  private static final long WANTED =
      InitFlags.ASYNC_READ
          | InitFlags.ATOMIC_O_TRUNC
          | InitFlags.BIG_WRITES
          | InitFlags.DONT_MASK
          | InitFlags.DO_READDIRPLUS
          | InitFlags.READDIRPLUS_AUTO
          | InitFlags.ASYNC_DIO
          | InitFlags.PARALLEL_DIROPS
          | InitFlags.POSIX_ACL
          | InitFlags.MAX_PAGES
          | InitFlags.CACHE_SYMLINKS
          | InitFlags.NO_OPENDIR_SUPPORT
          | InitFlags.HANDLE_KILLPRIV_V2
          | InitFlags.SETXATTR_EXT
          | InitFlags.INIT_EXT
          | InitFlags.PASSTHROUGH;

  private static final int MINOR_OF_6_14 = 42;

  /**
   * The largest size of the data in a READ or WRITE, in bytes. The kernel allows no more than 256
   * pages.
   */
  static final int MAX_DATA = 1 << 20;

  private static final short MAX_PAGES = (short) (MAX_DATA / Memory.pageSize());

  /**
   * The largest number of asynchronous requests (mostly readahead) that the kernel sends
   * concurrently.
   */
  private static final short MAX_BACKGROUND = 64;

  private static final short CONGESTION_THRESHOLD = 48;

  private final int minor;
  private final long offered;
  private long flags;
  private final int maxReadahead;
  private int backingDepth;

  /**
   * Reads the features that the kernel offers.
   *
   * @param message an INIT request
   * @throws MountException if the kernel is too old
   */
  Connection(long message, int length) throws MountException {
    long in = message + InHeader.STRUCT_SIZE;
    int major = InitIn.major(in);
    int offeredMinor = InitIn.minor(in);
    if (major != Protocol.MAJOR || offeredMinor < Protocol.OLDEST_MINOR) {
      throw new MountException(
          "the kernel supports FUSE "
              + major
              + "."
              + offeredMinor
              + " only: use Linux 5.4 or newer, or mount with --transport=libfuse");
    }
    minor = Math.min(offeredMinor, Protocol.MINOR);
    long known = InitIn.flags(in) & 0xffffffffL;
    if ((known & InitFlags.INIT_EXT) != 0 && length >= InHeader.STRUCT_SIZE + InitIn.STRUCT_SIZE) {
      known |= (InitIn.flags2(in) & 0xffffffffL) << Integer.SIZE;
    }
    offered = known;
    flags = known & WANTED;
    maxReadahead = InitIn.maxReadahead(in);
  }

  /** Returns whether the kernel offers io_uring. */
  boolean offersRings() {
    return (offered & InitFlags.OVER_IO_URING) != 0;
  }

  /**
   * Requests io_uring; to be called before {@link #answer}. The kernel then makes all callers wait
   * until the rings are registered.
   */
  void useRings() {
    flags |= InitFlags.OVER_IO_URING;
  }

  /**
   * Requests passthrough; to be called before {@link #answer}.
   *
   * @param depth see {@link dev.lamina.fuse.FuseFileSystem#backingDepth}; 0 for no passthrough
   */
  void passThrough(int depth) {
    backingDepth = depth;
    if (depth == 0) {
      flags &= ~InitFlags.PASSTHROUGH;
    }
  }

  /** Gives up POSIX access control lists; to be called before {@link #answer}. */
  void leaveAcls() {
    flags &= ~InitFlags.POSIX_ACL;
  }

  /** Returns whether the kernel checks POSIX access control lists. */
  boolean hasAcls() {
    return has(InitFlags.POSIX_ACL);
  }

  /** Writes the body of the answer to INIT and returns its length. */
  int answer(long out) {
    Memory.clear(out, InitOut.STRUCT_SIZE);
    InitOut.major(out, Protocol.MAJOR);
    InitOut.minor(out, minor);
    InitOut.maxReadahead(out, maxReadahead);
    InitOut.flags(out, (int) flags);
    InitOut.flags2(out, (int) (flags >>> Integer.SIZE));
    InitOut.maxBackground(out, MAX_BACKGROUND);
    InitOut.congestionThreshold(out, CONGESTION_THRESHOLD);
    InitOut.maxWrite(out, MAX_DATA);
    InitOut.timeGranularity(out, 1);
    InitOut.maxPages(out, MAX_PAGES);
    if (has(InitFlags.PASSTHROUGH)) {
      InitOut.maxStackDepth(out, backingDepth);
    }
    return InitOut.STRUCT_SIZE;
  }

  boolean hasSetxattrFlags() {
    return has(InitFlags.SETXATTR_EXT);
  }

  /**
   * Returns whether the daemon clears setuid and setgid. Before a write the kernel asks for it with
   * a SETATTR that changes no attribute (file_remove_privs, then fuse_setattr, which drops the
   * change that it was called for).
   */
  boolean leavesSetid() {
    return has(InitFlags.HANDLE_KILLPRIV_V2);
  }

  /** Returns whether directories are read without having been opened. */
  boolean hasUnopenedDirectories() {
    return has(InitFlags.NO_OPENDIR_SUPPORT);
  }

  boolean hasPassthrough() {
    return has(InitFlags.PASSTHROUGH);
  }

  /**
   * Returns whether a write that the kernel has passed through invalidates attributes that it has
   * cached (fuse_passthrough_end_write), which is assumed from Linux 6.14 on.
   */
  boolean seesPassthroughWrites() {
    return minor >= MINOR_OF_6_14;
  }

  private boolean has(long flag) {
    return (flags & flag) != 0;
  }

  @Override
  public String toString() {
    return "FUSE " + Protocol.MAJOR + "." + minor + ", flags 0x" + Long.toHexString(flags);
  }
}
