package dev.lamina.union;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;

/** Fills in what the kernel is told of an inode. */
final class InodeReplies {
  /** Lamina alone changes its layers, so what the kernel knows stays true until it changes it. */
  static final long FOREVER_SECONDS = 365L * 24 * 60 * 60;

  private final Union union;

  InodeReplies(Union union) {
    this.union = union;
  }

  /**
   * InodeReplies with an inode for which a lookup was counted, and whose attributes as its layer has
   * them are in the reply. The count goes where this fails.
   */
  void entry(Inode inode, EntryReply reply) throws ErrnoException {
    try {
      Attributes.present(inode, reply.stat);
    } catch (ErrnoException e) {
      union.table().forget(inode, 1);
      throw e;
    }
    reply.nodeid = inode.nodeid;
    reply.generation = 0;
    reply.entryValidSeconds = FOREVER_SECONDS;
    reply.attrValidSeconds = attrValid(inode);
  }

  private static long attrValid(Inode inode) {
    // What changes by way of the one, the kernel does not see of the other.
    return inode.hasTwin() ? 0 : FOREVER_SECONDS;
  }

  /**
   * InodeReplies with an inode's attributes.
   *
   * @param fd of the upper file where it is open; negative where it is not
   */
  void attributes(Inode inode, int fd, AttrReply reply) throws ErrnoException {
    if (fd >= 0) {
      ErrnoException.check(Linux.fstat(fd, reply.stat));
      Attributes.present(inode, reply.stat);
    } else {
      Attributes.read(inode, reply.stat);
    }
    reply.attrValidSeconds = attrValid(inode);
  }
}
