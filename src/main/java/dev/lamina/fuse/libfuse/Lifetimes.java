package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.wire.Attr;
import dev.lamina.fuse.wire.AttrOut;
import dev.lamina.fuse.wire.EntryOut;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.sys.Iovec;
import dev.lamina.sys.Mode;

/**
 * Writes the lifetimes of names and attributes into libfuse's replies. libfuse has one lifetime for
 * all names and one for all attributes of a mount, whereas the file system gives one with each
 * answer.
 *
 * <p>Names get the lifetime that the file system gives, since they change only through the kernel.
 * So do the attributes of directories and of files with one name. But libfuse 2 makes a kernel
 * inode for every name, so the names of a file have separate attributes in the kernel, and after
 * chmod of one the others would show the old mode. Such attributes have no lifetime. When a file
 * gets its second name, the cached attributes of the first are invalidated ({@link
 * NameOperations#link}); and while a removed name may be open, the last remaining one counts as one
 * of several.
 */
final class Lifetimes {
  private Lifetimes() {}

  /**
   * @param iov the reply that libfuse is about to send for the request
   * @param count the number of {@code struct iovec} that it consists of
   */
  static void write(Request request, MountState state, long iov, long count) {
    long header = Iovec.base(iov);
    // A notification, which may be sent in the middle of a request, has no request number.
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

  /** Returns whether a file with one name may be open by another one that was removed. */
  private static boolean mayBeOrphan(MountState state, long node) {
    return !state.orphans().isEmpty() && state.linkedFiles().contains(node);
  }
}
