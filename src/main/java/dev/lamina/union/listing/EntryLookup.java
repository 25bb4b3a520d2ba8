package dev.lamina.union.listing;

import dev.lamina.fuse.EntryReply;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeReplies;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Lookup;

/** Looks up the entries of a listing for READDIRPLUS. */
public final class EntryLookup {
  private final InodeTable table;
  private final Lookup lookup;
  private final InodeReplies replies;

  public EntryLookup(InodeTable table, Lookup lookup, InodeReplies replies) {
    this.table = table;
    this.lookup = lookup;
    this.replies = replies;
  }

  /**
   * Looks up one entry, counts a lookup and fills in the reply.
   *
   * @return false if there is no such entry any more, or if the kernel knows the name as that of a
   *     lower object: its attributes have not changed, and reading them again would be most of the
   *     cost of listing a directory after its files were looked at (as git-status does)
   */
  boolean find(Inode directory, DirectorySnapshot listing, int index, byte[] name, EntryReply reply)
      throws ErrnoException {
    if (table.isKnownToKernel(directory, name)) {
      return false;
    }
    Inode inode =
        lookup.findListed(directory, listing.version(), listing.source(index), name, reply.stat);
    if (inode == null) {
      return false;
    }
    replies.entry(inode, reply);
    return true;
  }
}
