package dev.lamina.union.inode;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;

/** Fills in the replies that describe an inode to the kernel. */
public final class InodeReplies {
  /**
   * How long the kernel may keep names and attributes: nothing but this mount changes its layers,
   * and it tells the kernel of its changes.
   */
  public static final long FOREVER_SECONDS = 365L * 24 * 60 * 60;

  private final InodeTable table;

  public InodeReplies(InodeTable table) {
    this.table = table;
  }

  /**
   * Replies with an inode for which a lookup was counted. The reply must contain the attributes as
   * the inode's layer has them. If this fails, the lookup is given back.
   */
  public void entry(Inode inode, EntryReply reply) throws ErrnoException {
    try {
      Attributes.present(inode, reply.stat);
    } catch (ErrnoException e) {
      table.forget(inode, 1);
      throw e;
    }
    reply.nodeid = inode.nodeid;
    reply.generation = 0;
    reply.entryValidSeconds = FOREVER_SECONDS;
    reply.attrValidSeconds = attrValid(inode);
  }

  private static long attrValid(Inode inode) {
    // The kernel does not see that one of the two changes when the other does.
    return inode.hasTwin() ? 0 : FOREVER_SECONDS;
  }

  /**
   * Replies with an inode's attributes.
   *
   * @param fd a descriptor of the upper file; negative if it is not open
   */
  public void attributes(Inode inode, int fd, AttrReply reply) throws ErrnoException {
    if (fd >= 0) {
      ErrnoException.check(Linux.fstat(fd, reply.stat));
      Attributes.present(inode, reply.stat);
    } else {
      Attributes.read(inode, reply.stat);
    }
    reply.attrValidSeconds = attrValid(inode);
  }
}
