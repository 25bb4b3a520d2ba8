package dev.lamina.union;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;

/** Makes regular files and opens them in one: O_CREAT, with or without O_EXCL, and O_TMPFILE. */
final class FileCreation {
  private final Union union;
  private final Lookup lookup;
  private final Creation creation;
  private final OpenFiles files;
  private final InodeReplies answers;

  FileCreation(Union union, Lookup lookup, Creation creation, OpenFiles files, InodeReplies answers) {
    this.union = union;
    this.lookup = lookup;
    this.creation = creation;
    this.files = files;
    this.answers = answers;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#create}. */
  void create(
      RequestContext context,
      Inode directory,
      byte[] name,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    boolean done = false;
    // What is there at one moment may be gone at the next, and the other way round.
    while (!done) {
      done =
          createNew(context, directory, name, mode, flags, entry, open)
              || openExisting(context, directory, name, flags, entry, open);
    }
  }

  /** False when the name is there and may be. */
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
      Creation.Made made =
          creation.make(
              context,
              directory,
              name,
              Mode.S_IFREG | mode & Mode.PERMISSIONS,
              (dirfd, child, masked) ->
                  Linux.openat(dirfd, child, openFlags, masked & Mode.PERMISSIONS),
              entry.stat);
      answer(made, entry, open);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST || (flags & OpenFlags.O_EXCL) != 0) {
        throw e;
      }
      return false;
    }
  }

  /** False when the name is not there. */
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
    answers.entry(inode, entry);
    try {
      files.open(context, inode, flags, open);
    } catch (ErrnoException e) {
      union.table().forget(inode, 1);
      throw e;
    }
    try {
      // Opening may have truncated it.
      AfterChange.read(() -> answers.attributes(inode, files.upperFd(open.handle), entry));
      return true;
    } catch (ErrnoException e) {
      if ((flags & OpenFlags.O_TRUNC) != 0) {
        // It is empty by now, which nothing may make look like a failure. The kernel asks again.
        entry.stat.size = 0;
        entry.stat.blocks = 0;
        entry.attrValidSeconds = 0;
        return true;
      }
      files.release(open.handle);
      union.table().forget(inode, 1);
      throw e;
    }
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#tmpfile}. */
  void unnamed(
      RequestContext context,
      Inode directory,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    answer(creation.unnamed(context, directory, mode, flags, entry.stat), entry, open);
  }

  private void answer(Creation.Made made, EntryReply entry, OpenReply open) throws ErrnoException {
    answers.entry(made.inode(), entry);
    files.add(made.inode(), made.value(), open);
  }
}
