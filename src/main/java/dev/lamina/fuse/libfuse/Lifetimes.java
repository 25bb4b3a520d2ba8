package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.wire.Attr;
import dev.lamina.fuse.wire.AttrOut;
import dev.lamina.fuse.wire.EntryOut;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.sys.Iovec;
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
  private Lifetimes() {}

  /**
   * @param iov the message that libfuse is about to send for the request
   * @param count how many {@code struct iovec} it is in
   */
  static void write(Request request, MountState state, long iov, long count) {
    long header = Iovec.base(iov);
    // A notification, which may be sent in the middle of a request, has no request's number.
    if (count < 2 || OutHeader.error(header) != 0 || OutHeader.unique(header) == 0) {
      return;
    }
    long body = Iovec.base(iov + Iovec.STRUCT_SIZE);
    switch (request.opcode()) {
      case Opcode.GETATTR, Opcode.SETATTR -> {
        if (isOrphan(request, state.orphans())) {
          return;
        }
        long attributes = body + AttrOut.ATTR;
        long node = request.libfuseNode();
        note(state, node, attributes);
        AttrOut.attrValid(body, attrValid(request, state, node, attributes));
      }
      case Opcode.LOOKUP,
          Opcode.SYMLINK,
          Opcode.MKNOD,
          Opcode.MKDIR,
          Opcode.LINK,
          Opcode.CREATE -> {
        EntryOut.entryValid(body, request.entryValidSeconds);
        long node = EntryOut.nodeid(body);
        if (node != 0) {
          long attributes = body + EntryOut.ATTR;
          note(state, node, attributes);
          EntryOut.attrValid(body, attrValid(request, state, node, attributes));
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
    if (Mode.isDirectory(Attr.mode(attributes))) {
      state.nodes().add(Attr.ino(attributes), node);
    } else if (Attr.nlink(attributes) > 1) {
      state.linkedFiles().add(Attr.ino(attributes), node);
    }
  }

  /** Returns how long the kernel may keep the attributes of a node, in seconds. */
  private static long attrValid(Request request, MountState state, long node, long attributes) {
    boolean isOneInode =
        Mode.isDirectory(Attr.mode(attributes))
            || Attr.nlink(attributes) == 1 && !mayBeOrphan(state, node);
    return isOneInode ? request.attrValidSeconds : 0;
  }

  /** Whether a file with one name may be open by another one that it has lost. */
  private static boolean mayBeOrphan(MountState state, long node) {
    return !state.orphans().isEmpty() && state.linkedFiles().contains(node);
  }
}
