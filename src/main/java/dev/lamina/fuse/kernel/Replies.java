package dev.lamina.fuse.kernel;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.wire.Attr;
import dev.lamina.fuse.wire.AttrOut;
import dev.lamina.fuse.wire.DeviceNumber;
import dev.lamina.fuse.wire.EntryOut;
import dev.lamina.fuse.wire.OpenOut;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Stat;

/**
 * Writes the parts of answers that several requests share. Each method returns the number of bytes
 * written.
 */
final class Replies {
  /**
   * A lifetime shorter than the resolution of the kernel's clock for file times, in nanoseconds.
   */
  private static final int LEAST_NANOS = 1_000_000;

  private Replies() {}

  static int entry(long address, EntryReply reply, BackingFiles backings) {
    EntryOut.nodeid(address, reply.nodeid);
    EntryOut.generation(address, reply.generation);
    EntryOut.entryValid(address, reply.entryValidSeconds);
    EntryOut.entryValidNanos(address, 0);
    if (reply.isNegative()) {
      Memory.clear(address + EntryOut.ATTR, Attr.STRUCT_SIZE);
      EntryOut.attrValid(address, 0);
    } else {
      EntryOut.attrValid(address, backings.attrValid(reply.nodeid, reply.attrValidSeconds));
      attr(address + EntryOut.ATTR, reply.stat);
    }
    EntryOut.attrValidNanos(address, 0);
    return EntryOut.STRUCT_SIZE;
  }

  /**
   * Writes the same for a file that the request also opens. The kernel would ask for attributes
   * without a lifetime at once (may_open), and nobody can have mapped the file so soon.
   */
  static int openedEntry(long address, EntryReply reply, BackingFiles backings) {
    int size = entry(address, reply, backings);
    EntryOut.attrValidNanos(address, LEAST_NANOS);
    return size;
  }

  static int attributes(long address, long nodeid, AttrReply reply, BackingFiles backings) {
    AttrOut.attrValid(address, backings.attrValid(nodeid, reply.attrValidSeconds));
    // The nanoseconds and the padding after them.
    Memory.putLong(address + Long.BYTES, 0);
    attr(address + AttrOut.ATTR, reply.stat);
    return AttrOut.STRUCT_SIZE;
  }

  private static void attr(long address, Stat stat) {
    Attr.ino(address, stat.ino);
    Attr.size(address, stat.size);
    Attr.blocks(address, stat.blocks);
    Attr.atime(address, stat.atimeSeconds);
    Attr.mtime(address, stat.mtimeSeconds);
    Attr.ctime(address, stat.ctimeSeconds);
    Attr.atimeNanos(address, stat.atimeNanos);
    Attr.mtimeNanos(address, stat.mtimeNanos);
    Attr.ctimeNanos(address, stat.ctimeNanos);
    Attr.mode(address, stat.mode);
    Attr.nlink(address, stat.nlink);
    Attr.uid(address, stat.uid);
    Attr.gid(address, stat.gid);
    Attr.rdev(address, DeviceNumber.encode(Devices.major(stat.rdev), Devices.minor(stat.rdev)));
    Attr.blockSize(address, stat.blockSize);
    Attr.flags(address, 0);
  }

  /**
   * @param backingId the backing id for passthrough, 0 for none
   * @param isDirect whether reads and writes come to the daemon although there is a backing file
   */
  static int open(long address, OpenReply reply, int backingId, boolean isDirect) {
    int flags = OpenOut.NOFLUSH;
    if (backingId != 0) {
      flags |= OpenOut.PASSTHROUGH | (isDirect ? OpenOut.DIRECT_IO : 0);
    } else if (reply.direct) {
      flags |= OpenOut.DIRECT_IO;
    } else if (reply.keepCache) {
      flags |= OpenOut.KEEP_CACHE;
    }
    if (reply.cacheDirectory) {
      flags |= OpenOut.CACHE_DIR;
    }
    OpenOut.handle(address, reply.handle);
    OpenOut.flags(address, flags);
    OpenOut.backingId(address, backingId);
    return OpenOut.STRUCT_SIZE;
  }
}
