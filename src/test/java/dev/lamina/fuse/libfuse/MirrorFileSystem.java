package dev.lamina.fuse.libfuse;

import static dev.lamina.sys.ErrnoException.check;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.Capabilities;
import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.OpenReply;
import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.Append;
import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file system that mirrors a directory. It counts lookups exactly: if a node without lookups is
 * used the test fails, through {@link #complaints}.
 */
final class MirrorFileSystem implements FuseFileSystem {
  /** The attribute whose reading throws an exception that no file system should throw. */
  static final byte[] THROWING = "user.throw".getBytes(StandardCharsets.US_ASCII);

  /** The lifetime of everything that the kernel may cache, in seconds: practically for ever. */
  private static final long LONG = 1_000_000_000;

  final List<String> complaints = new ArrayList<>();
  final AtomicLong lookups = new AtomicLong();
  final AtomicLong getattrs = new AtomicLong();
  volatile Capabilities capabilities;
  volatile boolean isDestroyed;
  volatile int lastOpenFlags;

  /** The exception thrown when the file system starts; null for none. */
  RuntimeException initFailure;

  /** The error number that RENAME fails with; 0 for none. */
  volatile int renameFailure;

  /** The number of lookups that had not been given back when the file system was destroyed. */
  volatile long leakedLookups = -1;

  volatile int leakedHandles = -1;

  private final Map<Long, Node> nodes = new HashMap<>();
  private final Map<List<Long>, Node> byIdentity = new HashMap<>();
  private final Map<Long, Handle> handles = new ConcurrentHashMap<>();
  private final AtomicLong nextHandle = new AtomicLong(1000);
  private long nextNodeid = ROOT + 1;

  private record Handle(int fd, List<Listed> listing) {}

  private record Listed(byte[] name, long ino, int type) {}

  private static final class Node {
    final long nodeid;
    final int fd;
    final List<Long> identity;
    long count;

    Node(long nodeid, int fd, Stat stat) {
      this.nodeid = nodeid;
      this.fd = fd;
      this.identity = List.of(stat.dev, stat.ino);
    }
  }

  MirrorFileSystem(Path root) {
    byte[] path = root.toString().getBytes(StandardCharsets.ISO_8859_1);
    int fd = Linux.openat(Linux.AT_FDCWD, path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
    Stat stat = new Stat();
    Linux.fstat(fd, stat);
    Node node = new Node(ROOT, fd, stat);
    node.count = 1;
    nodes.put(ROOT, node);
    byIdentity.put(node.identity, node);
  }

  @Override
  public void init(Capabilities capabilities, Notifier notifier) {
    if (initFailure != null) {
      throw initFailure;
    }
    this.capabilities = capabilities;
  }

  @Override
  public synchronized void destroy() {
    leakedLookups =
        nodes.values().stream().filter(n -> n.nodeid != ROOT).mapToLong(n -> n.count).sum();
    leakedHandles = handles.size();
    nodes.values().forEach(node -> Linux.close(node.fd));
    isDestroyed = true;
  }

  private synchronized int fd(long nodeid) throws ErrnoException {
    Node node = nodes.get(nodeid);
    if (node == null) {
      complaints.add("node " + nodeid + " is used without a lookup");
      throw ErrnoException.of(Errno.ESTALE);
    }
    return node.fd;
  }

  /** Returns the number of nodes that have lookups, including the root. */
  synchronized int nodesInUse() {
    return nodes.size();
  }

  private int handle(long handle) {
    return handles.get(handle).fd;
  }

  private long open(int fd, List<Listed> listing) {
    long handle = nextHandle.getAndIncrement();
    handles.put(handle, new Handle(fd, listing));
    return handle;
  }

  @Override
  public void lookup(RequestContext context, long parent, byte[] name, EntryReply reply)
      throws ErrnoException {
    lookups.incrementAndGet();
    int fd = Linux.openat(fd(parent), name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
    if (fd == -Errno.ENOENT) {
      reply.setNegative(LONG);
      return;
    }
    check(fd);
    check(Linux.fstat(fd, reply.stat));
    reply.entryValidSeconds = LONG;
    reply.attrValidSeconds = LONG;
    reply.nodeid = count(fd, reply.stat);
  }

  private synchronized long count(int fd, Stat stat) {
    Node known = byIdentity.get(List.of(stat.dev, stat.ino));
    if (known != null) {
      Linux.close(fd);
      known.count++;
      return known.nodeid;
    }
    Node node = new Node(nextNodeid++, fd, stat);
    node.count = 1;
    nodes.put(node.nodeid, node);
    byIdentity.put(node.identity, node);
    return node.nodeid;
  }

  @Override
  public synchronized void forget(long nodeid, long count) {
    Node node = nodes.get(nodeid);
    if (node == null || node.count < count) {
      complaints.add("node " + nodeid + " is forgotten too often");
      return;
    }
    node.count -= count;
    if (node.count == 0) {
      nodes.remove(nodeid);
      byIdentity.remove(node.identity);
      Linux.close(node.fd);
    }
  }

  @Override
  public void getattr(RequestContext context, long nodeid, long handle, AttrReply reply)
      throws ErrnoException {
    getattrs.incrementAndGet();
    check(Linux.fstat(handle == NO_HANDLE ? fd(nodeid) : handle(handle), reply.stat));
    reply.attrValidSeconds = LONG;
  }

  @Override
  public void setattr(RequestContext context, long nodeid, SetattrRequest request, AttrReply reply)
      throws ErrnoException {
    int fd = fd(nodeid);
    if (request.setUid || request.setGid) {
      int uid = request.setUid ? request.uid : -1;
      check(Linux.fchownat(fd, Linux.EMPTY, uid, request.setGid ? request.gid : -1));
    }
    if (request.setMode) {
      check(Linux.fchmodat(fd, Linux.EMPTY, request.mode));
    }
    if (request.setSize) {
      if (request.handle != NO_HANDLE) {
        check(Linux.ftruncate(handle(request.handle), request.size));
      } else {
        int writable = check(Linux.reopen(fd, OpenFlags.O_WRONLY));
        int result = Linux.ftruncate(writable, request.size);
        Linux.close(writable);
        check(result);
      }
    }
    if (request.setAtime || request.setMtime) {
      check(
          Linux.utimensat(
              fd,
              Linux.EMPTY,
              request.atimeSeconds,
              request.setAtime ? request.atimeNanos : Linux.UTIME_OMIT,
              request.mtimeSeconds,
              request.setMtime ? request.mtimeNanos : Linux.UTIME_OMIT));
    }
    check(Linux.fstat(fd, reply.stat));
  }

  @Override
  public int readlink(RequestContext context, long nodeid, long address, int size)
      throws ErrnoException {
    return check(Linux.readlinkat(fd(nodeid), Linux.EMPTY, address, size));
  }

  @Override
  public void mknod(
      RequestContext context, long parent, byte[] name, int mode, long rdev, EntryReply reply)
      throws ErrnoException {
    check(Linux.mknodat(fd(parent), name, mode & ~Mode.PERMISSIONS, rdev));
    own(context, parent, name, mode & ~context.umask);
    lookup(context, parent, name, reply);
  }

  @Override
  public void mkdir(RequestContext context, long parent, byte[] name, int mode, EntryReply reply)
      throws ErrnoException {
    check(Linux.mkdirat(fd(parent), name, 0));
    own(context, parent, name, Mode.S_IFDIR | mode & ~context.umask);
    lookup(context, parent, name, reply);
  }

  /** Gives a new object its owner and mode, as inode_init_owner() of the kernel does. */
  private void own(RequestContext context, long parent, byte[] name, int mode)
      throws ErrnoException {
    Stat directory = new Stat();
    check(Linux.fstat(fd(parent), directory));
    boolean inherits = (directory.mode & Mode.S_ISGID) != 0;
    int gid = inherits ? directory.gid : context.gid;
    check(Linux.fchownat(fd(parent), name, context.uid, gid));
    if (!Mode.isSymlink(mode)) {
      int setgid = inherits && Mode.isDirectory(mode) ? Mode.S_ISGID : 0;
      check(Linux.fchmodat(fd(parent), name, (mode | setgid) & Mode.PERMISSIONS));
    }
  }

  @Override
  public void symlink(
      RequestContext context, long parent, byte[] name, byte[] target, EntryReply reply)
      throws ErrnoException {
    check(Linux.symlinkat(target, fd(parent), name));
    own(context, parent, name, Mode.S_IFLNK);
    lookup(context, parent, name, reply);
  }

  @Override
  public void link(
      RequestContext context, long nodeid, long newParent, byte[] newName, EntryReply reply)
      throws ErrnoException {
    check(Linux.linkDescriptor(fd(nodeid), fd(newParent), newName));
    lookup(context, newParent, newName, reply);
  }

  @Override
  public void unlink(RequestContext context, long parent, byte[] name) throws ErrnoException {
    check(Linux.unlinkat(fd(parent), name, 0));
  }

  @Override
  public void rmdir(RequestContext context, long parent, byte[] name) throws ErrnoException {
    check(Linux.unlinkat(fd(parent), name, Linux.AT_REMOVEDIR));
  }

  @Override
  public void rename(
      RequestContext context, long parent, byte[] name, long newParent, byte[] newName, int flags)
      throws ErrnoException {
    check(-renameFailure);
    check(Linux.renameat2(fd(parent), name, fd(newParent), newName, flags));
  }

  @Override
  public void open(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException {
    lastOpenFlags = flags;
    reply.handle = open(check(Linux.reopen(fd(nodeid), flags & ~OpenFlags.O_NOFOLLOW)), null);
    reply.keepCache = true;
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
    Stat stat = new Stat();
    boolean isNew = Linux.statx(fd(parent), name, stat) == -Errno.ENOENT;
    int fd = check(Linux.openat(fd(parent), name, flags | OpenFlags.O_CREAT, 0600));
    if (isNew) {
      own(context, parent, name, Mode.S_IFREG | mode & ~context.umask);
    }
    lookup(context, parent, name, entry);
    open.handle = open(fd, null);
    open.keepCache = true;
  }

  @Override
  public int read(
      RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException {
    return check(Linux.pread(handle(handle), address, size, offset));
  }

  @Override
  public int write(
      RequestContext context, long nodeid, long handle, long offset, long address, int size)
      throws ErrnoException {
    return check(
        offset == APPEND
            ? Append.write(handle(handle), address, size)
            : Linux.pwrite(handle(handle), address, size, offset));
  }

  @Override
  public void fallocate(
      RequestContext context, long nodeid, long handle, int mode, long offset, long length)
      throws ErrnoException {
    check(Linux.fallocate(handle(handle), mode, offset, length));
  }

  @Override
  public void fsync(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException {
    check(dataOnly ? Linux.fdatasync(handle(handle)) : Linux.fsync(handle(handle)));
  }

  @Override
  public void release(RequestContext context, long nodeid, long handle) {
    Linux.close(handles.remove(handle).fd);
  }

  @Override
  public void opendir(RequestContext context, long nodeid, int flags, OpenReply reply)
      throws ErrnoException {
    int fd = check(Linux.reopen(fd(nodeid), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
    reply.handle = open(fd, new ArrayList<>());
  }

  @Override
  public void readdir(
      RequestContext context, long nodeid, long handle, long offset, DirectoryReply reply)
      throws ErrnoException {
    Handle directory = handles.get(handle);
    if (offset == 0) {
      list(directory);
    }
    for (int i = (int) offset; i < directory.listing.size(); i++) {
      Listed entry = directory.listing.get(i);
      if (!reply.add(entry.name, 0, entry.name.length, entry.ino, entry.type, i + 1)) {
        return;
      }
    }
  }

  private static void list(Handle directory) throws ErrnoException {
    directory.listing.clear();
    Stat stat = new Stat();
    check(Linux.fstat(directory.fd, stat));
    directory.listing.add(new Listed(new byte[] {'.'}, stat.ino, Mode.S_IFDIR));
    check(Linux.statx(directory.fd, new byte[] {'.', '.'}, stat));
    directory.listing.add(new Listed(new byte[] {'.', '.'}, stat.ino, Mode.S_IFDIR));
    check(Linux.lseek(directory.fd, 0, Linux.SEEK_SET));
    DirectoryReader reader = new DirectoryReader();
    reader.start(directory.fd);
    while (check(reader.next()) > 0) {
      directory.listing.add(new Listed(reader.name(), reader.ino(), reader.type()));
    }
  }

  @Override
  public void fsyncdir(RequestContext context, long nodeid, long handle, boolean dataOnly)
      throws ErrnoException {
    check(Linux.fsync(handle(handle)));
  }

  @Override
  public void releasedir(RequestContext context, long nodeid, long handle) {
    release(context, nodeid, handle);
  }

  @Override
  public void statfs(RequestContext context, long nodeid, FileSystemStat reply)
      throws ErrnoException {
    check(Linux.fstatfs(fd(nodeid), reply));
  }

  @Override
  public int getxattr(RequestContext context, long nodeid, byte[] name, long address, int size)
      throws ErrnoException {
    if (Arrays.equals(name, THROWING)) {
      throw new IllegalStateException("thrown by the test");
    }
    return check(Xattrs.get(fd(nodeid), Linux.EMPTY, name, address, size));
  }

  @Override
  public int listxattr(RequestContext context, long nodeid, long address, int size)
      throws ErrnoException {
    return check(Xattrs.list(fd(nodeid), Linux.EMPTY, address, size));
  }

  @Override
  public void setxattr(
      RequestContext context, long nodeid, byte[] name, long address, int size, int flags)
      throws ErrnoException {
    check(Xattrs.set(fd(nodeid), Linux.EMPTY, name, address, size, flags));
  }

  @Override
  public void removexattr(RequestContext context, long nodeid, byte[] name) throws ErrnoException {
    check(Xattrs.remove(fd(nodeid), Linux.EMPTY, name));
  }
}
