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
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Place;
import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;

/**
 * The union as a FUSE file system: each operation in a few lines, the rules in the classes beside
 * this one.
 */
public final class UnionFileSystem implements FuseFileSystem {
  private static final byte[] DOT = {'.'};

  private final Union union;
  private final String whyReadOnly;
  private final Lookup lookup;
  private final CopyUp copyUp;
  private final Creation creation;
  private final Removal removal;
  private final Rename rename;
  private final OpenFiles files;
  private final InodeReplies answers;
  private final FileCreation fileCreation;
  private final OpenDirectories directories;
  private final AttributeChange changes;
  private final InodeFlags flags;
  private final SpaceWait room;
  private final HeapReturn heapReturn;

  UnionFileSystem(Union union, String whyReadOnly) {
    this.union = union;
    this.whyReadOnly = whyReadOnly;
    lookup = new Lookup(union);
    room = new SpaceWait(union.stack().get(0));
    copyUp = new CopyUp(union, room);
    creation = new Creation(union, copyUp);
    removal = new Removal(union, lookup, copyUp);
    rename = new Rename(union, lookup, copyUp);
    files = new OpenFiles(union, copyUp);
    answers = new InodeReplies(union);
    fileCreation = new FileCreation(union, lookup, creation, files, answers);
    directories = new OpenDirectories(union, lookup);
    changes = new AttributeChange(union.protection(), copyUp, files);
    flags = new InodeFlags(union.protection(), copyUp);
    heapReturn = new HeapReturn(union.table()::size);
  }

  /**
   * Why nothing can be written although the configuration names an upper, in words for the user;
   * null where that is not so. The mount should then be made read-only.
   */
  public String whyReadOnly() {
    return whyReadOnly;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException where the work directory of a volatile mount cannot be marked
   */
  @Override
  public void init(Capabilities capabilities, Notifier notifier) {
    copyUp.notifyBy(notifier);
    creation.notifyBy(notifier);
    rename.notifyBy(notifier);
    files.notifyBy(notifier);
    union.passthrough().init(capabilities.passthrough(), union.work() != null);
    // Not before: a mount that does not come about must leave no mark.
    union.markVolatile();
  }

  @Override
  public int backingDepth() {
    return union.passthrough().backingDepth();
  }

  @Override
  public void destroy() {
    copyUp.close();
    files.close();
    union.table().close();
    if (union.work() != null) {
      union.work().close();
    }
    union.stack().close();
    union.locks().forEach(DirectoryLock::close);
  }

  @Override
  public void lookup(RequestContext context, long parent, byte[] name, EntryReply reply)
      throws ErrnoException {
    Inode inode = lookup.find(union.directory(parent), name, reply.stat);
    if (inode == null) {
      reply.setNegative(InodeReplies.FOREVER_SECONDS);
    } else {
      answers.entry(inode, reply);
    }
  }

  @Override
  public void forget(long nodeid, long count) {
    Inode inode = union.table().get(nodeid);
    if (inode != null) {
      union.table().forget(inode, count);
      heapReturn.add();
    }
  }

  @Override
  public void getattr(RequestContext context, long nodeid, long handle, AttrReply reply)
      throws ErrnoException {
    answers.attributes(union.inode(nodeid), files.upperFd(handle), reply);
  }

  @Override
  public void setattr(RequestContext context, long nodeid, SetattrRequest request, AttrReply reply)
      throws ErrnoException {
    Inode inode = union.inode(nodeid);
    changes.setattr(context, inode, request);
    AfterChange.read(() -> answers.attributes(inode, -1, reply));
  }

  @Override
  public int readlink(RequestContext context, long nodeid, long address, int size)
      throws ErrnoException {
    Inode inode = union.inode(nodeid);
    if (inode.type != Mode.S_IFLNK) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    synchronized (inode) {
      Place place = inode.place();
      return ErrnoException.check(place.directory().readlink(place.name(), address, size));
    }
  }

  @Override
  public void mknod(
      RequestContext context, long parent, byte[] name, int mode, long rdev, EntryReply reply)
      throws ErrnoException {
    if (Mode.type(mode) == Mode.S_IFCHR && Devices.major(rdev) == 0 && Devices.minor(rdev) == 0) {
      // A whiteout, which is not for users to make.
      throw ErrnoException.of(Errno.EPERM);
    }
    make(
        context,
        parent,
        name,
        mode,
        (dirfd, entry, masked) -> Linux.mknodat(dirfd, entry, masked, rdev),
        reply);
  }

  @Override
  public void mkdir(RequestContext context, long parent, byte[] name, int mode, EntryReply reply)
      throws ErrnoException {
    make(
        context,
        parent,
        name,
        Mode.S_IFDIR | mode & Mode.PERMISSIONS,
        (dirfd, entry, masked) -> Linux.mkdirat(dirfd, entry, masked & Mode.PERMISSIONS),
        reply);
  }

  @Override
  public void symlink(
      RequestContext context, long parent, byte[] name, byte[] target, EntryReply reply)
      throws ErrnoException {
    make(
        context,
        parent,
        name,
        Mode.S_IFLNK | 0777,
        (dirfd, entry, masked) -> Linux.symlinkat(target, dirfd, entry),
        reply);
  }

  private void make(
      RequestContext context,
      long parent,
      byte[] name,
      int mode,
      Creation.Maker maker,
      EntryReply reply)
      throws ErrnoException {
    Inode directory = union.directory(parent);
    Creation.Made made = creation.make(context, directory, name, mode, maker, reply.stat);
    answers.entry(made.inode(), reply);
  }

  @Override
  public void link(
      RequestContext context, long nodeid, long newParent, byte[] newName, EntryReply reply)
      throws ErrnoException {
    Inode inode = creation.link(union.inode(nodeid), union.directory(newParent), newName);
    AfterChange.read(() -> Attributes.read(inode, reply.stat));
    union.table().use(inode, true);
    answers.entry(inode, reply);
  }

  @Override
  public void unlink(RequestContext context, long parent, byte[] name) throws ErrnoException {
    removal.unlink(union.directory(parent), name);
  }

  @Override
  public void rmdir(RequestContext context, long parent, byte[] name) throws ErrnoException {
    removal.rmdir(union.directory(parent), name);
  }

  @Override
  public void rename(
      RequestContext context, long parent, byte[] name, long newParent, byte[] newName, int flags)
      throws ErrnoException {
    rename.rename(union.directory(parent), name, union.directory(newParent), newName, flags);
  }

  @Override
  public void open(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException {
    files.open(context, union.inode(nodeid), flags, reply);
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
    fileCreation.create(context, union.directory(parent), name, mode, flags, entry, open);
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
    fileCreation.unnamed(context, union.directory(parent), mode, flags, entry, open);
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
    flags.ioctl(context, union.inode(nodeid), command, input, inSize, output, outSize);
  }

  @Override
  public void syncfs(RequestContext context, long nodeid) throws ErrnoException {
    if (union.isVolatile() || union.work() == null) {
      return;
    }
    // syncfs(2) takes no descriptor that was opened with O_PATH.
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int fd = ErrnoException.check(Linux.openat(union.work().fd(), DOT, flags, 0));
    try {
      ErrnoException.check(ServiceThreads.block(() -> Linux.syncfs(fd)));
    } finally {
      Linux.close(fd);
    }
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
    reply.handle = directories.open(union.directory(nodeid));
    reply.cacheDirectory = true;
  }

  @Override
  public void readdir(
      RequestContext context, long nodeid, long handle, long offset, DirectoryReply reply)
      throws ErrnoException {
    directories.read(union.directory(nodeid), handle, offset, reply);
  }

  @Override
  public void readdirplus(
      RequestContext context, long nodeid, long handle, long offset, DirectoryPlusReply reply)
      throws ErrnoException {
    directories.readPlus(union.directory(nodeid), handle, offset, reply, this::entryUnlessKnown);
  }

  /**
   * One entry of READDIRPLUS, one lookup counted; false when it has gone meanwhile, or when the
   * kernel knows a lower layer's object by that name: its attributes stay true, and to ask for them
   * again is most of what listing a directory takes after its files were looked at (git-status).
   */
  private boolean entryUnlessKnown(
      Inode directory, DirectorySnapshot listing, int index, byte[] name, EntryReply reply)
      throws ErrnoException {
    if (union.table().isKnownToKernel(directory, name)) {
      return false;
    }
    Inode inode = lookup.find(directory, listing, index, name, reply.stat);
    if (inode == null) {
      return false;
    }
    answers.entry(inode, reply);
    return true;
  }

  @Override
  public void fsyncdir(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException {
    directories.fsync(union.directory(nodeid));
  }

  @Override
  public void releasedir(RequestContext context, long nodeid, long handle) {
    directories.release(handle);
  }

  @Override
  public void statfs(RequestContext context, long nodeid, FileSystemStat reply)
      throws ErrnoException {
    LayerDirectory top = union.stack().get(0).root();
    ErrnoException.check(top.statfs(reply));
  }

  @Override
  public int getxattr(RequestContext context, long nodeid, byte[] name, long address, int size)
      throws ErrnoException {
    Inode inode = union.inode(nodeid);
    synchronized (inode) {
      if (AbsentXattrs.has(inode, name)) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      int length = XattrPolicy.get(inode.place(), name, address, size);
      if (length == -Errno.ENODATA) {
        AbsentXattrs.add(inode, name);
      }
      return ErrnoException.check(length);
    }
  }

  @Override
  public int listxattr(RequestContext context, long nodeid, long address, int size)
      throws ErrnoException {
    Inode inode = union.inode(nodeid);
    boolean privileged = context.uid == 0;
    synchronized (inode) {
      return ErrnoException.check(XattrPolicy.list(inode.place(), privileged, address, size));
    }
  }

  @Override
  public void setxattr(
      RequestContext context, long nodeid, byte[] name, long address, int size, int flags)
      throws ErrnoException {
    changes.setxattr(context, union.inode(nodeid), name, address, size, flags);
  }

  @Override
  public void removexattr(RequestContext context, long nodeid, byte[] name) throws ErrnoException {
    changes.removexattr(context, union.inode(nodeid), name);
  }

  @Override
  public boolean awaitRoom(int attempt) {
    return room.await(attempt);
  }

  /** Inodes known now, for tests of what is kept. */
  int knownInodes() {
    return union.table().size();
  }

  /** Files open now, for tests of what is kept. */
  int openFiles() {
    return files.size();
  }

  /** Directories open now, for tests of what is kept. */
  int openDirectories() {
    return directories.size();
  }
}
