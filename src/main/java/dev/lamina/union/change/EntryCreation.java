package dev.lamina.union.change;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.union.inode.Attributes;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeReplies;
import dev.lamina.union.inode.InodeTable;

/**
 * Creates all objects but regular files that are opened at once, and replies with their entries.
 */
public final class EntryCreation {
  private final InodeTable table;
  private final Creation creation;
  private final HardLinks links;
  private final InodeReplies replies;

  public EntryCreation(InodeTable table, Creation creation, HardLinks links, InodeReplies replies) {
    this.table = table;
    this.creation = creation;
    this.links = links;
    this.replies = replies;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#mknod}. */
  public void mknod(
      RequestContext context, Inode parent, byte[] name, int mode, long rdev, EntryReply reply)
      throws ErrnoException {
    if (Mode.type(mode) == Mode.S_IFCHR && Devices.major(rdev) == 0 && Devices.minor(rdev) == 0) {
      // This is a whiteout, which users may not make.
      throw ErrnoException.of(Errno.EPERM);
    }
    create(
        context,
        parent,
        name,
        mode,
        (dirfd, entry, masked) -> Linux.mknodat(dirfd, entry, masked, rdev),
        reply);
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#mkdir}. */
  public void mkdir(RequestContext context, Inode parent, byte[] name, int mode, EntryReply reply)
      throws ErrnoException {
    create(
        context,
        parent,
        name,
        Mode.S_IFDIR | mode & Mode.PERMISSIONS,
        (dirfd, entry, masked) -> Linux.mkdirat(dirfd, entry, masked & Mode.PERMISSIONS),
        reply);
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#symlink}. */
  public void symlink(
      RequestContext context, Inode parent, byte[] name, byte[] target, EntryReply reply)
      throws ErrnoException {
    create(
        context,
        parent,
        name,
        Mode.S_IFLNK | 0777,
        (dirfd, entry, masked) -> Linux.symlinkat(target, dirfd, entry),
        reply);
  }

  private void create(
      RequestContext context,
      Inode parent,
      byte[] name,
      int mode,
      ObjectMaker maker,
      EntryReply reply)
      throws ErrnoException {
    CreatedObject made = creation.create(context, parent, name, mode, maker, reply.stat);
    replies.entry(made.inode(), reply);
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#link}. */
  public void link(Inode file, Inode parent, byte[] name, EntryReply reply) throws ErrnoException {
    Inode inode = links.link(file, parent, name);
    AfterChange.read(() -> Attributes.read(inode, reply.stat));
    table.use(inode, true);
    replies.entry(inode, reply);
  }
}
