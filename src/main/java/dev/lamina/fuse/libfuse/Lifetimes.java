package dev.lamina.fuse.libfuse;

import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;

/**
 * Writes into libfuse's replies how long the kernel may take a name and attributes for true.
 * libfuse knows one time for all names and one for all attributes of a mount; the file system says
 * it for each answer.
 *
 * <p>Names live as long as the file system says: they change only through the kernel. Attributes do
 * as well, but of directories and files with one name only. libfuse 2 makes a kernel inode of every
 * name, so the names of a file have their own attributes there, and after chmod of one the others
 * would show the old mode. Such attributes live for no time at all. When a file gets its second
 * name, what the kernel has of the first is made to expire ({@link NameOperations#link}); and while
 * a lost name may be open, the last one that is left counts as one of several.
 */
final class Lifetimes {
  /** In {@code struct fuse_out_header}: u32 len, s32 error, u64 unique. */
  private static final int ERROR = 4;

  private static final int UNIQUE = 8;

  /** In {@code struct iovec}: void *iov_base, size_t iov_len. */
  private static final int IOVEC_SIZE = 16;

  /**
   * In {@code struct fuse_entry_out}: u64 nodeid, generation, entry_valid, attr_valid, u32
   * entry_valid_nsec, attr_valid_nsec, struct fuse_attr attr.
   */
  private static final int NODEID = 0;

  private static final int ENTRY_VALID = 16;
  private static final int ENTRY_ATTR_VALID = 24;
  private static final int ENTRY_ATTR = 40;

  /** In {@code struct fuse_attr_out}: u64 attr_valid, u32 attr_valid_nsec, dummy, then the same. */
  private static final int ATTR_VALID = 0;

  private static final int ATTR = 16;

  /** In {@code struct fuse_attr}. */
  private static final int INO = 0;

  private static final int MODE = 60;

  private static final int NLINK = 64;

  private Lifetimes() {}

  /**
   * @param iov the message that libfuse is about to send for the request
   * @param count how many {@code struct iovec} it is in
   */
  static void write(Request request, MountState state, long iov, long count) {
    long header = Memory.getLong(iov);
    // A notification, which may be sent in the middle of a request, has no request's number.
    if (count < 2 || Memory.getInt(header + ERROR) != 0 || Memory.getLong(header + UNIQUE) == 0) {
      return;
    }
    long body = Memory.getLong(iov + IOVEC_SIZE);
    switch (request.opcode()) {
      case Request.GETATTR, Request.SETATTR -> {
        if (isOrphan(request, state.orphans())) {
          return;
        }
        note(state, request.libfuseNode(), body + ATTR);
        writeAttributes(request, state, request.libfuseNode(), body + ATTR_VALID, body + ATTR);
      }
      case Request.LOOKUP,
          Request.SYMLINK,
          Request.MKNOD,
          Request.MKDIR,
          Request.LINK,
          Request.CREATE -> {
        Memory.putLong(body + ENTRY_VALID, request.entryValidSeconds);
        if (Memory.getLong(body + NODEID) != 0) {
          long node = Memory.getLong(body + NODEID);
          note(state, node, body + ENTRY_ATTR);
          writeAttributes(request, state, node, body + ENTRY_ATTR_VALID, body + ENTRY_ATTR);
        }
      }
      default -> {
        return;
      }
    }
  }

  private static boolean isOrphan(Request request, Orphans orphans) {
    return !orphans.isEmpty() && orphans.isHidden(request.libfuseNode());
  }

  private static void note(MountState state, long node, long attributes) {
    if (Mode.isDirectory(Memory.getInt(attributes + MODE))) {
      state.nodes().add(Memory.getLong(attributes + INO), node);
    } else if (Memory.getInt(attributes + NLINK) > 1) {
      state.linkedFiles().add(Memory.getLong(attributes + INO), node);
    }
  }

  private static void writeAttributes(
      Request request, MountState state, long node, long valid, long attributes) {
    boolean isOneInode =
        Mode.isDirectory(Memory.getInt(attributes + MODE))
            || Memory.getInt(attributes + NLINK) == 1 && !mayBeOrphan(state, node);
    Memory.putLong(valid, isOneInode ? request.attrValidSeconds : 0);
  }

  /** Whether a file with one name may be open by another one that it has lost. */
  private static boolean mayBeOrphan(MountState state, long node) {
    return !state.orphans().isEmpty() && state.linkedFiles().contains(node);
  }
}
