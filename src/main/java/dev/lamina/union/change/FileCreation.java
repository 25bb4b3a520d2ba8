package dev.lamina.union.change;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.union.data.OpenFiles;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeReplies;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Lookup;

/**
 * Creates and opens regular files in one request: O_CREAT with or without O_EXCL, and O_TMPFILE.
 */
public final class FileCreation {
  private final InodeTable table;
  private final Lookup lookup;
  private final Creation creation;
  private final UnnamedFiles unnamedFiles;
  private final OpenFiles files;
  private final InodeReplies replies;

  public FileCreation(
      InodeTable table,
      Lookup lookup,
      Creation creation,
      UnnamedFiles unnamedFiles,
      OpenFiles files,
      InodeReplies replies) {
    this.table = table;
    this.lookup = lookup;
    this.creation = creation;
    this.unnamedFiles = unnamedFiles;
    this.files = files;
    this.replies = replies;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#create}. */
  public void create(
      RequestContext context,
      Inode directory,
      byte[] name,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    boolean done = false;
    // The name may be created or removed between the two attempts.
    while (!done) {
      done =
          createNew(context, directory, name, mode, flags, entry, open)
              || openExisting(context, directory, name, flags, entry, open);
    }
  }

  /** Returns false if the name exists, which the flags allow. */
  private boolean createNew(
      RequestContext context,
      Inode directory,
      byte[] name,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    int openFlags = OpenFiles.upperFlags(flags) | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    try {
      CreatedObject made =
          creation.create(
              context,
              directory,
              name,
              Mode.S_IFREG | mode & Mode.PERMISSIONS,
              (dirfd, child, masked) ->
                  Linux.openat(dirfd, child, openFlags, masked & Mode.PERMISSIONS),
              entry.stat);
      reply(made, entry, open);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST || (flags & OpenFlags.O_EXCL) != 0) {
        throw e;
      }
      return false;
    }
  }

  /** Returns false if the name does not exist. */
  private boolean openExisting(
      RequestContext context,
      Inode directory,
      byte[] name,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    Inode inode = lookup.find(directory, name, entry.stat);
    if (inode == null) {
      return false;
    }
    replies.entry(inode, entry);
    try {
      files.open(context, inode, flags, open);
    } catch (ErrnoException e) {
      table.forget(inode, 1);
      throw e;
    }
    try {
      // Opening the file may have truncated it.
      AfterChange.read(() -> replies.attributes(inode, files.upperFd(open.handle), entry));
      return true;
    } catch (ErrnoException e) {
      if ((flags & OpenFlags.O_TRUNC) != 0) {
        // The file is empty by now, so the request must not fail. The kernel will ask for the
        // attributes again.
        entry.stat.size = 0;
        entry.stat.blocks = 0;
        entry.attrValidSeconds = 0;
        return true;
      }
      files.release(open.handle);
      table.forget(inode, 1);
      throw e;
    }
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#tmpfile}. */
  public void unnamed(
      RequestContext context,
      Inode directory,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    reply(unnamedFiles.create(context, directory, mode, flags, entry.stat), entry, open);
  }

  private void reply(CreatedObject made, EntryReply entry, OpenReply open) throws ErrnoException {
    replies.entry(made.inode(), entry);
    files.add(made.inode(), made.value(), open);
  }
}
