package dev.lamina.union;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.Capabilities;
import dev.lamina.fuse.DirectoryPlusReply;
import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.fuse.SpaceRetry;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.union.change.AfterChange;
import dev.lamina.union.change.AttributeChange;
import dev.lamina.union.change.Creation;
import dev.lamina.union.change.DirectoryMove;
import dev.lamina.union.change.EntryCreation;
import dev.lamina.union.change.Exchange;
import dev.lamina.union.change.FileCreation;
import dev.lamina.union.change.HardLinks;
import dev.lamina.union.change.InodeFlags;
import dev.lamina.union.change.Move;
import dev.lamina.union.change.MoveMarks;
import dev.lamina.union.change.Removal;
import dev.lamina.union.change.Rename;
import dev.lamina.union.change.UnnamedFiles;
import dev.lamina.union.change.UpperMove;
import dev.lamina.union.copyup.CopyBuilder;
import dev.lamina.union.copyup.CopyPlacement;
import dev.lamina.union.copyup.CopyThreads;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.copyup.Metacopy;
import dev.lamina.union.copyup.MetadataCopy;
import dev.lamina.union.copyup.ObjectCopy;
import dev.lamina.union.data.OpenFiles;
import dev.lamina.union.data.PassthroughPolicy;
import dev.lamina.union.data.Succession;
import dev.lamina.union.inode.Attributes;
import dev.lamina.union.inode.HeapReturn;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeNumbers;
import dev.lamina.union.inode.InodeReplies;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.InodeXattrs;
import dev.lamina.union.inode.Lookup;
import dev.lamina.union.inode.NumberMarks;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.listing.EntryLookup;
import dev.lamina.union.listing.EntryNumbers;
import dev.lamina.union.listing.OpenDirectories;
import dev.lamina.union.upper.Durability;
import dev.lamina.union.upper.Upper;
import dev.lamina.union.upper.WorkDirectory;

/**
 * The union as a FUSE file system. Each operation takes a few lines here; the rules are in the
 * packages below this one.
 */
public final class UnionFileSystem implements FuseFileSystem {
  private final LayerStack stack;
  private final Upper upper;
  private final PassthroughPolicy passthrough;
  private final InodeTable table;
  private final Lookup lookup;
  private final InodeReplies replies;
  private final CopyUp copyUp;
  private final Creation creation;
  private final EntryCreation entries;
  private final Removal removal;
  private final Rename rename;
  private final OpenFiles files;
  private final FileCreation fileCreation;
  private final OpenDirectories directories;
  private final AttributeChange changes;
  private final InodeFlags flags;
  private final HeapReturn heapReturn;

  /**
   * Builds the file system from its parts.
   *
   * @param table a table that contains the root directory
   */
  UnionFileSystem(
      LayerStack stack,
      InodeTable table,
      InodeNumbers numbers,
      NumberMarks marks,
      Upper upper,
      PassthroughPolicy passthrough) {
    this.stack = stack;
    this.upper = upper;
    this.passthrough = passthrough;
    this.table = table;
    Merge merge = new Merge(stack);
    Protection protection = new Protection(upper.format());
    WorkDirectory work = upper.work();
    Durability durability = upper.durability();

    lookup = new Lookup(merge, table, numbers, marks, upper.traps());
    replies = new InodeReplies(table);
    heapReturn = new HeapReturn(table::size);
    EntryNumbers entryNumbers = new EntryNumbers(table, lookup, numbers, marks);
    EntryLookup entryLookup = new EntryLookup(table, lookup, replies);
    directories = new OpenDirectories(entryNumbers, entryLookup, durability);

    MetadataCopy metadata = new MetadataCopy(marks, protection);
    CopyBuilder builder = new CopyBuilder(work, metadata, numbers, durability);
    CopyPlacement placement = new CopyPlacement(work, marks);
    CopyThreads threads = new CopyThreads(stack.size());
    ObjectCopy copy = new ObjectCopy(builder, placement, new Metacopy(durability));
    SpaceRetry retry = new SpaceRetry(this::keepsDeleted);
    copyUp = new CopyUp(table, builder, placement, copy, threads, retry);

    Succession succession = new Succession(table);
    files = new OpenFiles(protection, copyUp, succession, passthrough, durability);

    creation = new Creation(merge, table, numbers, protection, copyUp, work);
    UnnamedFiles unnamed = new UnnamedFiles(table, numbers, protection, copyUp);
    fileCreation = new FileCreation(table, lookup, creation, unnamed, files, replies);
    HardLinks links = new HardLinks(merge, table, marks, protection, copyUp, work);
    entries = new EntryCreation(table, creation, links, replies);
    removal = new Removal(merge, table, lookup, protection, copyUp, work);
    MoveMarks moveMarks = new MoveMarks(marks, upper.format());
    UpperMove upperMove = new UpperMove(work);
    DirectoryMove directoryMove = new DirectoryMove(work, builder, upperMove);
    Move move = new Move(merge, table, upperMove, directoryMove, moveMarks);
    Exchange exchange = new Exchange(table, moveMarks);
    rename = new Rename(table, lookup, protection, copyUp, move, exchange);
    changes = new AttributeChange(protection, copyUp, files);
    flags = new InodeFlags(protection, copyUp);
  }

  /**
   * Returns the reason, in words for the user, why nothing can be written although the
   * configuration names an upper directory; the mount should be read-only then. Null if there is no
   * such reason.
   */
  public String whyReadOnly() {
    return upper.whyReadOnly();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the work directory of a volatile mount cannot be marked
   */
  @Override
  public void init(Capabilities capabilities, Notifier notifier) {
    copyUp.notifyBy(notifier);
    creation.notifyBy(notifier);
    rename.notifyBy(notifier);
    files.notifyBy(notifier);
    passthrough.init(capabilities.passthrough(), upper.isWritable());
    // Not earlier: if mounting fails, no mark must be left.
    upper.markVolatile();
  }

  @Override
  public int backingDepth() {
    return passthrough.backingDepth();
  }

  @Override
  public void destroy() {
    copyUp.close();
    files.close();
    table.close();
    upper.close();
    stack.close();
  }

  @Override
  public void lookup(RequestContext context, long parent, byte[] name, EntryReply reply)
      throws ErrnoException {
    Inode inode = lookup.find(table.directory(parent), name, reply.stat);
    if (inode == null) {
      reply.setNegative(InodeReplies.FOREVER_SECONDS);
    } else {
      replies.entry(inode, reply);
    }
  }

  @Override
  public void forget(long nodeid, long count) {
    Inode inode = table.get(nodeid);
    if (inode != null) {
      table.forget(inode, count);
      heapReturn.add();
    }
  }

  @Override
  public void getattr(RequestContext context, long nodeid, long handle, AttrReply reply)
      throws ErrnoException {
    replies.attributes(table.inode(nodeid), files.upperFd(handle), reply);
  }

  @Override
  public void setattr(RequestContext context, long nodeid, SetattrRequest request, AttrReply reply)
      throws ErrnoException {
    Inode inode = table.inode(nodeid);
    changes.setattr(context, inode, request);
    AfterChange.read(() -> replies.attributes(inode, -1, reply));
  }

  @Override
  public int readlink(RequestContext context, long nodeid, long address, int size)
      throws ErrnoException {
    return Attributes.readlink(table.inode(nodeid), address, size);
  }

  @Override
  public void mknod(
      RequestContext context, long parent, byte[] name, int mode, long rdev, EntryReply reply)
      throws ErrnoException {
    entries.mknod(context, table.directory(parent), name, mode, rdev, reply);
  }

  @Override
  public void mkdir(RequestContext context, long parent, byte[] name, int mode, EntryReply reply)
      throws ErrnoException {
    entries.mkdir(context, table.directory(parent), name, mode, reply);
  }

  @Override
  public void symlink(
      RequestContext context, long parent, byte[] name, byte[] target, EntryReply reply)
      throws ErrnoException {
    entries.symlink(context, table.directory(parent), name, target, reply);
  }

  @Override
  public void link(
      RequestContext context, long nodeid, long newParent, byte[] newName, EntryReply reply)
      throws ErrnoException {
    entries.link(table.inode(nodeid), table.directory(newParent), newName, reply);
  }

  @Override
  public void unlink(RequestContext context, long parent, byte[] name) throws ErrnoException {
    removal.unlink(table.directory(parent), name);
  }

  @Override
  public void rmdir(RequestContext context, long parent, byte[] name) throws ErrnoException {
    removal.rmdir(table.directory(parent), name);
  }

  @Override
  public void rename(
      RequestContext context, long parent, byte[] name, long newParent, byte[] newName, int flags)
      throws ErrnoException {
    rename.rename(table.directory(parent), name, table.directory(newParent), newName, flags);
  }

  @Override
  public void open(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException {
    files.open(context, table.inode(nodeid), flags, reply);
  }

  @Override
  public void create(
      RequestContext context,
      long parent,
      byte[] name,
      int mode,
      int flags,
      EntryReply entry,
      OpenReply open)
      throws ErrnoException {
    fileCreation.create(context, table.directory(parent), name, mode, flags, entry, open);
  }

  @Override
  public int read(
      RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException {
    return files.read(handle, offset, address, size);
  }

  @Override
  public int write(
      RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException {
    return files.write(context, handle, offset, address, size);
  }

  @Override
  public void fallocate(
      RequestContext context, long nodeid, long handle, int mode, long offset, long length)
      throws ErrnoException {
    files.fallocate(context, handle, mode, offset, length);
  }

  @Override
  public void tmpfile(
      RequestContext context, long parent, int mode, int flags, EntryReply entry, OpenReply open)
      throws ErrnoException {
    fileCreation.unnamed(context, table.directory(parent), mode, flags, entry, open);
  }

  @Override
  public long lseek(RequestContext context, long nodeid, long handle, long offset, int whence)
      throws ErrnoException {
    return files.lseek(handle, offset, whence);
  }

  @Override
  public long copyFileRange(
      RequestContext context,
      long handleIn,
      long offsetIn,
      long handleOut,
      long offsetOut,
      long length)
      throws ErrnoException {
    return files.copyFileRange(context, handleIn, offsetIn, handleOut, offsetOut, length);
  }

  @Override
  public void ioctl(
      RequestContext context,
      long nodeid,
      long command,
      long input,
      int inSize,
      long output,
      int outSize)
      throws ErrnoException {
    flags.ioctl(context, table.inode(nodeid), command, input, inSize, output, outSize);
  }

  @Override
  public void syncfs(RequestContext context, long nodeid) throws ErrnoException {
    upper.sync();
  }

  @Override
  public void fsync(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException {
    files.fsync(handle, dataOnly);
  }

  @Override
  public void servesData(long handle) throws ErrnoException {
    files.servesData(handle);
  }

  @Override
  public void release(RequestContext context, long nodeid, long handle) {
    files.release(handle);
  }

  @Override
  public void opendir(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException {
    reply.handle = directories.open(table.directory(nodeid));
    reply.cacheDirectory = true;
  }

  @Override
  public void readdir(
      RequestContext context, long nodeid, long handle, long offset, DirectoryReply reply)
      throws ErrnoException {
    directories.read(table.directory(nodeid), handle, offset, reply);
  }

  @Override
  public void readdirplus(
      RequestContext context, long nodeid, long handle, long offset, DirectoryPlusReply reply)
      throws ErrnoException {
    directories.readPlus(table.directory(nodeid), handle, offset, reply);
  }

  @Override
  public void fsyncdir(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException {
    directories.fsync(table.directory(nodeid));
  }

  @Override
  public void releasedir(RequestContext context, long nodeid, long handle) {
    directories.release(handle);
  }

  @Override
  public void statfs(RequestContext context, long nodeid, FileSystemStat reply)
      throws ErrnoException {
    LayerDirectory top = stack.get(0).root();
    ErrnoException.check(top.statfs(reply));
  }

  @Override
  public int getxattr(RequestContext context, long nodeid, byte[] name, long address, int size)
      throws ErrnoException {
    return InodeXattrs.get(table.inode(nodeid), name, address, size);
  }

  @Override
  public int listxattr(RequestContext context, long nodeid, long address, int size)
      throws ErrnoException {
    return InodeXattrs.list(table.inode(nodeid), context.uid == 0, address, size);
  }

  @Override
  public void setxattr(
      RequestContext context, long nodeid, byte[] name, long address, int size, int flags)
      throws ErrnoException {
    changes.setxattr(context, table.inode(nodeid), name, address, size, flags);
  }

  @Override
  public void removexattr(RequestContext context, long nodeid, byte[] name) throws ErrnoException {
    changes.removexattr(context, table.inode(nodeid), name);
  }

  @Override
  public boolean keepsDeleted() {
    return stack.get(0) instanceof DirectoryLayer upper && upper.keepsNameless();
  }

  /** Returns the number of known inodes, for tests. */
  int knownInodes() {
    return table.size();
  }

  /** Returns the number of open files, for tests. */
  int openFiles() {
    return files.size();
  }

  /** Returns the number of open directories, for tests. */
  int openDirectories() {
    return directories.size();
  }
}
