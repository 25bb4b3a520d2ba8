package dev.lamina.fuse.kernel;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.OpenReply;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.OpenFlags;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The files that are registered with the kernel for passthrough, and the I/O mode of every open
 * file.
 *
 * <p>The kernel allows one mode and one backing file per inode at a time (fs/fuse/iomode.c); an
 * open that is answered otherwise fails with EIO. So the first open decides, and all others follow
 * until the last one is released.
 */
final class BackingFiles {
  private static final int STRIPES = 64;

  /** How long the kernel may cache attributes that a mapping may change. */
  private static final long MAPPED_SECONDS = 1;

  /** The registration of an inode that is read and written through the daemon. */
  private static final int CACHED = 0;

  /** The open files of one inode. */
  private static final class Opens {
    /** The backing id of the registration; {@link #CACHED} for none. */
    final int backing;

    int count;

    /** The open files through which the file may change unseen, see {@link #changesUnseen}. */
    int mappers;

    Opens(int backing) {
      this.backing = backing;
    }
  }

  private final DevFuse device;
  private final KernelNotifier notifier;

  /** The open files by nodeid. The monitor of each map guards it. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private final Map<Long, Opens>[] stripes = new Map[STRIPES];

  /**
   * The inodes that have been open for reading and writing, guarded by the monitor of the map with
   * the same index. A shared mapping is one of the backing file (backing_file_mmap), so it outlives
   * the release and changes times for as long as it exists.
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private final Set<Long>[] mappable = new Set[STRIPES];

  private final boolean seesWrites;
  private volatile boolean isEnabled;

  BackingFiles(DevFuse device, Connection connection, KernelNotifier notifier) {
    this.device = device;
    this.notifier = notifier;
    isEnabled = connection.hasPassthrough();
    seesWrites = connection.seesPassthroughWrites();
    Arrays.setAll(stripes, i -> new HashMap<>());
    Arrays.setAll(mappable, i -> new HashSet<>());
  }

  /**
   * Counts an open file.
   *
   * @param reply the file system's answer, whose backing descriptor may be used
   * @param flags flags of open(2)
   * @param isNew whether the kernel has no attributes of the file yet
   * @return the backing id to answer with, 0 for none
   */
  int open(long nodeid, OpenReply reply, int flags, boolean isNew) {
    boolean maps = changesUnseen(flags);
    Map<Long, Opens> stripe = stripe(nodeid);
    Opens opens;
    synchronized (stripe) {
      opens = stripe.get(nodeid);
      if (opens == null) {
        opens = new Opens(register(reply.backing));
        stripe.put(nodeid, opens);
      }
      opens.count++;
      opens.mappers += maps ? 1 : 0;
      if (opens.backing != CACHED && maps) {
        mappable[index(nodeid)].add(nodeid);
      }
    }
    if (maps && opens.backing != CACHED && !isNew) {
      // Mapped memory changes the file's times without updating the FUSE inode, which write(2) does
      // (fuse_passthrough_end_write).
      notifier.attributesChanged(nodeid, 0);
    }
    return opens.backing;
  }

  /**
   * Returns whether attributes of the file may change without an update of the FUSE inode: by a
   * writable shared mapping, which needs a file open for both reading and writing (mmap(2)), and
   * before Linux 6.14 by write(2) as well.
   */
  private boolean changesUnseen(int flags) {
    boolean isMappable = (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDWR;
    return isMappable || !seesWrites && OpenFlags.isWritable(flags);
  }

  /**
   * Returns whether reads and writes of an open file come to the daemon although it has a backing
   * file, which then serves mappings only (FOPEN_DIRECT_IO with FOPEN_PASSTHROUGH). The kernel
   * opens the backing file with the flags of open(2), and fcntl(2) with F_SETFL does not change
   * those: the backing file would append, or require aligned memory, for ever. Flags that are set
   * later need no such care: the kernel passes O_APPEND on with each write, and ignores O_DIRECT.
   * It appends at the end given by the FUSE inode's size, which is correct from Linux 6.14 on;
   * before that, such a file is passed through entirely.
   */
  boolean isDirect(OpenReply reply, int flags) {
    int changeable = OpenFlags.O_DIRECT | (seesWrites ? OpenFlags.O_APPEND : 0);
    return reply.direct || (flags & changeable) != 0;
  }

  private int register(int fd) {
    if (fd == OpenReply.NO_BACKING || !isEnabled) {
      return CACHED;
    }
    int id = device.openBacking(fd);
    if (id > 0) {
      return id;
    }
    if (id == -Errno.EPERM || id == -Errno.EOPNOTSUPP || id == -Errno.ENOTTY) {
      Log.debug(BackingFiles.class, "passthrough is not available: {}", Errno.name(-id));
      isEnabled = false;
    }
    // ELOOP: the file's file system is stacked too deep. Other files may still be registered.
    return CACHED;
  }

  /** Removes an open file that is released. */
  void release(long nodeid, int flags) {
    Map<Long, Opens> stripe = stripe(nodeid);
    synchronized (stripe) {
      Opens opens = stripe.get(nodeid);
      if (opens == null) {
        return;
      }
      opens.mappers -= changesUnseen(flags) ? 1 : 0;
      if (--opens.count == 0) {
        stripe.remove(nodeid);
        if (opens.backing != CACHED) {
          // Cannot fail for an id that the kernel has returned.
          device.closeBacking(opens.backing);
        }
      }
    }
  }

  /**
   * Returns how long the kernel may cache the attributes of an inode, in seconds: not at all while
   * its backing file may be mapped and written to.
   */
  long attrValid(long nodeid, long seconds) {
    if (!isEnabled || nodeid == FuseFileSystem.ROOT) {
      return seconds;
    }
    Map<Long, Opens> stripe = stripe(nodeid);
    synchronized (stripe) {
      Opens opens = stripe.isEmpty() ? null : stripe.get(nodeid);
      if (opens != null && opens.backing != CACHED && opens.mappers > 0) {
        return 0;
      }
      Set<Long> mapped = mappable[index(nodeid)];
      return !mapped.isEmpty() && mapped.contains(nodeid) ? MAPPED_SECONDS : seconds;
    }
  }

  /** Removes an inode that the kernel forgets. */
  void forget(long nodeid) {
    synchronized (stripe(nodeid)) {
      mappable[index(nodeid)].remove(nodeid);
    }
  }

  private Map<Long, Opens> stripe(long nodeid) {
    return stripes[index(nodeid)];
  }

  private static int index(long nodeid) {
    return (int) nodeid & STRIPES - 1;
  }
}
