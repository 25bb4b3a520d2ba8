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
 * The files registered with the kernel for passthrough, and how every open file is read and
 * written.
 *
 * <p>The kernel has one mode and one backing file per inode at a time (fs/fuse/iomode.c), and an
 * open that is answered otherwise fails with EIO. So the first open decides, all others follow
 * until the last is released.
 */
final class BackingFiles {
  private static final int STRIPES = 64;

  /** How long attributes may be taken for true that a mapping may change. */
  private static final long MAPPED_SECONDS = 1;

  /** How the kernel reads an inode that goes through the daemon. */
  private static final int CACHED = 0;

  /** The open files of one inode. */
  private static final class Opens {
    /** The registration; {@link #CACHED} for none. */
    final int backing;

    int count;

    /** Those that may change the file unseen, see {@link #changesUnseen}. */
    int mappers;

    Opens(int backing) {
      this.backing = backing;
    }
  }

  private final DevFuse device;
  private final KernelNotifier notifier;

  /** By nodeid; each map's monitor guards it. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private final Map<Long, Opens>[] stripes = new Map[STRIPES];

  /**
   * Those that were open for reading and writing, guarded by the map of the same index: a shared
   * mapping outlives the release, since it is of the backing file (backing_file_mmap), and changes
   * times for as long as it is there.
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
   * @param reply the file system's answer; the transport may use its backing descriptor
   * @param flags of open(2)
   * @param isNew the kernel has no attributes of it yet
   * @return the registration to answer with, 0 for none
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
      // Mapped memory changes the file's times without a word to the inode above, which write(2)
      // does not (fuse_passthrough_end_write).
      notifier.attributesChanged(nodeid, 0);
    }
    return opens.backing;
  }

  /**
   * Whether the file's attributes may change without a word to the inode above: by a mapping, which
   * to be written to needs both kinds of access (mmap(2)). Before Linux 6.14, by write(2) as well.
   */
  private boolean changesUnseen(int flags) {
    boolean isMappable = (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDWR;
    return isMappable || !seesWrites && OpenFlags.isWritable(flags);
  }

  /**
   * Whether an open file's reads and writes come here although it has a backing file, of which its
   * mappings are (FOPEN_DIRECT_IO with FOPEN_PASSTHROUGH). The kernel opens the backing file with
   * the flags of open(2), and fcntl(2) with F_SETFL does not reach it: it would append, or want
   * aligned memory, for ever. The other way round it sees to itself: what is set later it passes on
   * with each write (O_APPEND), or does without (O_DIRECT). Where to append it takes from the
   * inode's size, which it keeps right from Linux 6.14 on; before that such a file is passed
   * through whole.
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
      Log.debug(BackingFiles.class, "no passthrough: {}", Errno.name(-id));
      isEnabled = false;
    }
    // ELOOP: this file's file system is stacked too high. Others may do.
    return CACHED;
  }

  /** An open file is released. */
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
          // Cannot fail for a number that was given out.
          device.closeBacking(opens.backing);
        }
      }
    }
  }

  /**
   * How long an inode's attributes may be taken for true, in seconds: not at all while its backing
   * file may be mapped and written to.
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

  /** The kernel gives an inode up. */
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
