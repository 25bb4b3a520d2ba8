package dev.lamina.union.data;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.HandleTable;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.FdFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.copyup.Truncation;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.Protection;
import dev.lamina.union.upper.Durability;

/** The open files: opens, reads, writes and synchronizes them. */
public final class OpenFiles {
  /**
   * Flags that are not passed on to open(2). The kernel has dealt with them already. With O_APPEND,
   * pwrite(2) would ignore the offset that the kernel has chosen; if the kernel cannot choose it,
   * the offset is {@link FuseFileSystem#APPEND}.
   */
  private static final int DROPPED_FLAGS =
      OpenFlags.O_CREAT
          | OpenFlags.O_EXCL
          | OpenFlags.O_NOCTTY
          | OpenFlags.O_APPEND
          | OpenFlags.O_DIRECT
          | OpenFlags.O_NOATIME;

  private final Protection protection;
  private final CopyUp copyUp;
  private final Succession succession;
  private final PassthroughPolicy policy;
  private final Durability durability;
  private final ContentsAtOpen contents = new ContentsAtOpen();
  private final SetidRemoval setid = new SetidRemoval();
  private final HandleTable<FileHandle> handles = new HandleTable<>();

  public OpenFiles(
      Protection protection,
      CopyUp copyUp,
      Succession succession,
      PassthroughPolicy policy,
      Durability durability) {
    this.protection = protection;
    this.copyUp = copyUp;
    this.succession = succession;
    this.policy = policy;
    this.durability = durability;
  }

  /** Sets the notifier that tells the kernel of changes to files that it has in its cache. */
  public void notifyBy(Notifier kernel) {
    setid.notifyBy(kernel);
    succession.notifyBy(kernel);
    contents.notifyBy(kernel);
  }

  /**
   * Opens a regular file. Opening it for writing copies it up.
   *
   * @throws ErrnoException ESTALE if the name leads to another inode from now on, ETXTBSY if only
   *     that inode could be written to, see {@link Succession}
   */
  public void open(RequestContext context, Inode inode, int flags, OpenReply reply)
      throws ErrnoException {
    if (inode.type != Mode.S_IFREG) {
      // The kernel opens other types itself; opening them here could block.
      throw ErrnoException.of(inode.isDirectory() ? Errno.EISDIR : Errno.ENXIO);
    }
    boolean hasSuccessor = succession.checkNames(inode);
    boolean truncates = (flags & OpenFlags.O_TRUNC) != 0;
    // An append-only file is neither passed through nor cached: a shared mapping, which needs
    // either of these, could change existing data.
    boolean isAppendOnly = protection.isAppendOnly(inode);
    boolean passesUpper = policy.passesUpper() && !isAppendOnly;
    if (!OpenFlags.isWritable(flags) && !truncates) {
      add(FileHandle.openForReading(inode, policy, contents, passesUpper), reply);
      return;
    }
    protection.checkOpen(inode, flags);
    Truncation truncation =
        truncates ? truncation(context, inode, 0, flags, Truncation.Preparation.NOTHING) : null;
    copyUp.copyUp(inode, truncation);
    int fd = truncates ? truncation.take() : -1;
    ContentsAtOpen.awaitBeforeChange(inode);
    if (fd < 0) {
      succession.beforeWriting(inode, hasSuccessor);
      // The upper's file system may refuse to open an append-only file without this flag.
      int append = isAppendOnly ? OpenFlags.O_APPEND : 0;
      int upperFlags = upperFlags(flags) & ~OpenFlags.O_TRUNC | append;
      fd = openUpper(context, inode, upperFlags, truncates);
    }
    add(FileHandle.ofUpper(inode, fd, passesUpper), reply);
    reply.direct |= isAppendOnly;
  }

  /**
   * Returns what truncates a file together with its copy-up.
   *
   * @param flags the flags of open(2) for the descriptor that the caller gets
   * @param others other changes that are made with it
   */
  public Truncation truncation(
      RequestContext context, Inode inode, long size, int flags, Truncation.Preparation others) {
    return new Truncation(size, upperFlags(flags), setid.ofCopy(context, inode, others));
  }

  /**
   * Opens a file of the upper, and truncates it last: any earlier failure leaves the file as it
   * was.
   */
  private int openUpper(RequestContext context, Inode inode, int flags, boolean truncates)
      throws ErrnoException {
    int fd = ErrnoException.check(openUpper(inode, flags));
    boolean needsWriter = truncates && !OpenFlags.isWritable(flags);
    int writer = needsWriter ? openUpper(inode, upperFlags(OpenFlags.O_WRONLY)) : fd;
    int result = writer < 0 ? writer : 0;
    if (result == 0 && context.killSetid) {
      result = setid.clear(context, inode, fd);
    }
    if (result == 0 && truncates) {
      result = Linux.ftruncate(writer, 0);
    }
    if (needsWriter && writer >= 0) {
      Linux.close(writer);
    }
    if (result < 0) {
      Linux.close(fd);
      throw ErrnoException.of(-result);
    }
    return fd;
  }

  /** Adds a file that was opened or made on the upper; takes ownership of the descriptor. */
  public void add(Inode inode, int fd, OpenReply reply) {
    add(FileHandle.ofUpper(inode, fd, policy.passesUpper()), reply);
  }

  private void add(FileHandle file, OpenReply reply) {
    reply.backing = file.offeredBacking();
    reply.handle = handles.add(file);
    reply.direct = file.inode.hasTwin();
    // A nodeid stands for one file, also across copy-up, which changes only through this mount.
    reply.keepCache = true;
  }

  /** Returns the flags with which a file is opened on the upper if a caller gave {@code flags}. */
  public static int upperFlags(int flags) {
    return flags & ~DROPPED_FLAGS | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
  }

  private static int openUpper(Inode inode, int flags) {
    synchronized (inode) {
      Place place = inode.place();
      return ((FdDirectory) place.directory()).openObject(place.name(), flags);
    }
  }

  /** See {@link FuseFileSystem#read}. */
  public int read(long handle, long offset, long address, int size) throws ErrnoException {
    return ErrnoException.check(handles.get(handle).current().read(address, size, offset));
  }

  /** See {@link FuseFileSystem#write}. */
  public int write(RequestContext context, long handle, long offset, long address, int size)
      throws ErrnoException {
    FdFile file = writable(context, handle);
    return ErrnoException.check(
        offset == FuseFileSystem.APPEND
            ? file.append(address, size)
            : file.write(address, size, offset));
  }

  /** See {@link FuseFileSystem#fallocate}. */
  public void fallocate(RequestContext context, long handle, int mode, long offset, long length)
      throws ErrnoException {
    Inode inode = handles.get(handle).inode;
    if ((mode & ~Linux.FALLOC_FL_KEEP_SIZE) != 0) {
      protection.checkChange(inode);
    } else {
      protection.checkAddition(inode);
    }
    int fd = writable(context, handle).backingFd();
    ErrnoException.check(ServiceThreads.block(() -> Linux.fallocate(fd, mode, offset, length)));
  }

  /** See {@link FuseFileSystem#lseek}. */
  public long lseek(long handle, long offset, int whence) throws ErrnoException {
    if (whence != Linux.SEEK_DATA && whence != Linux.SEEK_HOLE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return ErrnoException.check(Linux.lseek(backingFd(handle), offset, whence));
  }

  /** See {@link FuseFileSystem#copyFileRange}. */
  public long copyFileRange(
      RequestContext context, long in, long inOffset, long out, long outOffset, long length)
      throws ErrnoException {
    int target = writable(context, out).backingFd();
    int source = backingFd(in);
    return ErrnoException.check(
        ServiceThreads.blockLong(
            () -> Linux.copyFileRange(source, inOffset, target, outOffset, length)));
  }

  /** Returns the descriptor of the file that a handle reads now. */
  private int backingFd(long handle) throws ErrnoException {
    int fd = handles.get(handle).current().backingFd();
    if (fd < 0) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    return fd;
  }

  /** Writes the file to stable storage, unless the mount is volatile. */
  public void fsync(long handle, boolean dataOnly) throws ErrnoException {
    if (durability.isVolatile()) {
      return;
    }
    int fd = handles.get(handle).current().backingFd();
    if (fd >= 0) {
      durability.fsync(fd, dataOnly);
    }
  }

  /** Returns the descriptor of a handle on the upper; -1 if there is none. */
  public int upperFd(long handle) {
    if (handle == FuseFileSystem.NO_HANDLE) {
      return -1;
    }
    try {
      FdFile file = handles.get(handle).upper();
      return file == null ? -1 : file.backingFd();
    } catch (ErrnoException e) {
      // The caller finds the object by its nodeid instead.
      return -1;
    }
  }

  /** Changes an object by a descriptor of it. */
  @FunctionalInterface
  public interface ByDescriptor {
    void change(int fd) throws ErrnoException;
  }

  /**
   * Changes the size of a file on the upper, and other attributes with it, by a single descriptor.
   * Once the first change is made, only another change can fail.
   *
   * @param handle the open file of the request, or {@link FuseFileSystem#NO_HANDLE}
   * @param change makes the changes by the descriptor, which is open for writing
   */
  public void truncate(RequestContext context, Inode inode, long handle, ByDescriptor change)
      throws ErrnoException {
    ContentsAtOpen.awaitBeforeChange(inode);
    succession.beforeChange(inode);
    int fd = upperFd(handle);
    int flags = fd < 0 ? fd : Linux.fgetFlags(fd);
    if (flags >= 0 && OpenFlags.isWritable(flags)) {
      truncate(context, inode, fd, change);
      return;
    }
    int own = ErrnoException.check(openUpper(inode, upperFlags(OpenFlags.O_WRONLY)));
    try {
      truncate(context, inode, own, change);
    } finally {
      Linux.close(own);
    }
  }

  private void truncate(RequestContext context, Inode inode, int fd, ByDescriptor change)
      throws ErrnoException {
    if (context.killSetid) {
      ErrnoException.check(setid.clear(context, inode, fd));
    }
    change.change(fd);
  }

  /** Returns the file of a handle that is about to be written to. */
  private FdFile writable(RequestContext context, long handle) throws ErrnoException {
    FileHandle open = handles.get(handle);
    FdFile file = open.upper();
    if (file == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    if (context.killSetid) {
      ErrnoException.check(setid.clearAtWrite(open.inode, file.backingFd()));
    }
    return file;
  }

  /** See {@link FuseFileSystem#servesData}. */
  public void servesData(long handle) throws ErrnoException {
    handles.get(handle).servesData();
  }

  /** Closes a file. */
  public void release(long handle) {
    FileHandle file = handles.remove(handle);
    if (file != null) {
      file.close();
    }
  }

  /** Closes all files at the end of a mount. */
  public void close() {
    handles.all().forEach(FileHandle::close);
  }

  /** Returns the number of open files. */
  public int size() {
    return handles.size();
  }
}
