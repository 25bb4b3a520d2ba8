package dev.lamina.layer;

import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.Xattrs;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A directory of the host, identified by its parent and its name, and opened with O_PATH when it is
 * needed.
 *
 * <p>A descriptor in use is pinned: between {@link #acquire} and {@link #release} it stays open. A
 * directory is opened by one path component from its parent's descriptor, without following a
 * symbolic link or crossing a mount, so a hostile layer cannot lead outside of itself.
 */
public final class FdDirectory extends LayerDirectory {
  private static final int OPEN_FLAGS =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
  private static final long RESOLVE =
      Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS | Linux.RESOLVE_NO_XDEV;
  private static final int LONGEST_NAME = 1023;
  private static final byte[] DOT = {'.'};

  /** Says that no descriptor is open; not an errno, like {@link #MOVED}. */
  private static final int CLOSED = Integer.MIN_VALUE;

  /**
   * Says that the directory was renamed while it was being opened, so that its parent is another
   * one now.
   */
  private static final int MOVED = Integer.MIN_VALUE + 1;

  private final DirectoryLayer layer;
  private final DescriptorCache cache;

  // All guarded by this object's monitor, except for cacheSlot, which the monitor of the cache
  // guards.
  private FdDirectory parent;
  private byte[] name;
  private int fd = -1;
  private int pins;
  private int references = 1;
  private boolean permanent;
  private volatile boolean used;
  int cacheSlot = -1;

  /**
   * Makes a directory whose descriptor stays open: the root of a layer, or an object without a
   * name.
   */
  private FdDirectory(DirectoryLayer layer, DescriptorCache cache, int fd) {
    this.layer = layer;
    this.cache = cache;
    this.fd = fd;
    this.permanent = true;
  }

  private FdDirectory(FdDirectory parent, byte[] name) {
    this.layer = parent.layer;
    this.cache = parent.cache;
    this.parent = parent;
    this.name = name;
  }

  /** Makes the root of a layer and takes ownership of {@code fd}. */
  static FdDirectory root(DirectoryLayer layer, DescriptorCache cache, int fd) {
    return new FdDirectory(layer, cache, fd);
  }

  /**
   * Makes an object of this layer, which may be a file, that is reached only by its descriptor and
   * the empty name. Takes ownership of {@code objectFd}.
   */
  public FdDirectory detached(int objectFd) {
    layer.countNameless(1);
    return new FdDirectory(layer, cache, objectFd);
  }

  /**
   * Returns the descriptor, which is opened if necessary and pinned until {@link #release}, or a
   * negative errno.
   */
  public int acquire() {
    int result = pinIfOpen();
    if (result != CLOSED) {
      return result;
    }
    do {
      result = openFromAbove();
    } while (result == MOVED);
    return result;
  }

  /** Returns the descriptor, pinned, or {@link #CLOSED}. */
  private synchronized int pinIfOpen() {
    if (fd < 0) {
      return CLOSED;
    }
    pins++;
    used = true;
    return fd;
  }

  /**
   * Opens this directory and the closed ones above it, from the nearest open one downwards. This is
   * a loop, since trees may be deeper than the stack, and pins no more than two directories at a
   * time, since trees may be deeper than the limit of descriptors.
   *
   * @return the descriptor, pinned; the negative errno; or {@link #MOVED}
   */
  private int openFromAbove() {
    Deque<FdDirectory> closed = new ArrayDeque<>();
    FdDirectory at = retain();
    int atFd = at.pinIfOpen();
    while (atFd == CLOSED) {
      closed.push(at);
      at = at.retainParent();
      atFd = at.pinIfOpen();
    }
    while (atFd >= 0 && !closed.isEmpty()) {
      FdDirectory next = closed.pop();
      atFd = next.pinFrom(at, atFd);
      at.release();
      at.drop();
      at = next;
      // No monitor may be held: this takes those of other directories in any order.
      cache.trim();
    }
    at.drop();
    closed.forEach(FdDirectory::drop);
    return atFd;
  }

  private synchronized FdDirectory retainParent() {
    return parent.retain();
  }

  /**
   * Opens this directory, unless it is open, from the directory that was its parent when it was
   * looked up.
   */
  private synchronized int pinFrom(FdDirectory above, int aboveFd) {
    if (fd < 0) {
      if (parent != above) {
        return MOVED;
      }
      int result = Linux.openat2(aboveFd, name, OPEN_FLAGS, 0, RESOLVE);
      if (result == -Errno.ENOSYS) {
        result = Linux.openat(aboveFd, name, OPEN_FLAGS, 0);
      }
      if (result < 0) {
        return result;
      }
      fd = result;
      cache.add(this);
    }
    pins++;
    used = true;
    return fd;
  }

  /** Unpins the descriptor. */
  public synchronized void release() {
    pins--;
  }

  /**
   * Records that the directory has been renamed, so that it is opened by its new name from now on.
   * The descriptor must be pinned during the rename.
   */
  public void moveTo(FdDirectory newParent, byte[] newName) {
    newParent.retain();
    FdDirectory oldParent;
    synchronized (this) {
      oldParent = parent;
      parent = newParent;
      name = newName;
    }
    oldParent.drop();
  }

  /**
   * Keeps the descriptor open until the last reference is dropped, because the directory has lost
   * its name. The descriptor must be pinned meanwhile.
   */
  public synchronized void makePermanent() {
    if (!permanent) {
      permanent = true;
      layer.countNameless(1);
      cache.remove(this);
    }
  }

  /**
   * Called by the cache: returns true if the directory was not used since the last call, and clears
   * the mark of use.
   */
  boolean isIdle() {
    if (used) {
      used = false;
      return false;
    }
    return true;
  }

  /** Called by the cache: closes the descriptor; returns false if it is in use. */
  synchronized boolean evict() {
    if (fd < 0 || permanent) {
      return true;
    }
    if (pins > 0) {
      used = true;
      return false;
    }
    closeDescriptor();
    return true;
  }

  /** Returns whether a descriptor is open; for tests. */
  synchronized boolean isOpen() {
    return fd >= 0;
  }

  private void closeDescriptor() {
    if (!permanent) {
      cache.remove(this);
    }
    // Closing an O_PATH descriptor cannot fail, since there is nothing to write back.
    Linux.close(fd);
    fd = -1;
    if (permanent) {
      // Only now, or a request that waits for the space would not find it.
      layer.countNameless(-1);
    }
  }

  @Override
  public synchronized FdDirectory retain() {
    references++;
    return this;
  }

  @Override
  public void drop() {
    FdDirectory directory = this;
    // A loop, not recursion: trees may be deeper than the stack.
    while (directory != null) {
      directory = directory.dropOne();
    }
  }

  private synchronized FdDirectory dropOne() {
    if (--references > 0) {
      return null;
    }
    if (fd >= 0) {
      closeDescriptor();
    }
    return parent;
  }

  @Override
  public DirectoryLayer layer() {
    return layer;
  }

  @Override
  public boolean isUpper() {
    return layer.isUpper();
  }

  @Override
  public FdDirectory child(byte[] childName) {
    retain();
    return new FdDirectory(this, childName);
  }

  @Override
  public int stat(byte[] entry, Stat out) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return Linux.statx(dirfd, entry, out);
    } finally {
      release();
    }
  }

  @Override
  public int statfs(FileSystemStat out) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return Linux.fstatfs(dirfd, out);
    } finally {
      release();
    }
  }

  @Override
  public void list(EntryVisitor visitor) throws ErrnoException {
    int dirfd = ErrnoException.check(acquire());
    int readable;
    try {
      readable = ErrnoException.check(openForReading(dirfd, DOT, OpenFlags.O_DIRECTORY));
    } finally {
      release();
    }
    try {
      DirectoryReader reader = DirectoryReader.ofThread();
      byte[] buffer = new byte[LONGEST_NAME + 1];
      reader.start(readable);
      int result;
      while ((result = reader.next()) > 0) {
        int length = reader.name(buffer);
        if (!visitor.entry(buffer, length, reader.ino(), reader.type())) {
          return;
        }
      }
      ErrnoException.check(result);
    } finally {
      // The error of close is ignored: a directory open for reading has nothing to write back.
      Linux.close(readable);
    }
  }

  @Override
  public int readlink(byte[] entry, long address, int size) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return Linux.readlinkat(dirfd, entry, address, size);
    } finally {
      release();
    }
  }

  @Override
  public int getxattr(byte[] entry, byte[] attribute, long address, int size) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return Xattrs.get(dirfd, entry, attribute, address, size);
    } finally {
      release();
    }
  }

  @Override
  public int listxattr(byte[] entry, long address, int size) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return Xattrs.list(dirfd, entry, address, size);
    } finally {
      release();
    }
  }

  @Override
  public int open(byte[] entry, LayerFile[] out) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      int result =
          entry.length == 0
              ? Linux.reopen(dirfd, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK)
              : openForReading(dirfd, entry, OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK);
      if (result < 0) {
        return result;
      }
      out[0] = new FdFile(result);
      return 0;
    } finally {
      release();
    }
  }

  /**
   * Opens an object of the directory; with the empty name, the directory or detached object itself.
   * A symbolic link is not followed.
   *
   * @param flags of open(2)
   * @return the descriptor, which the caller closes, or the negative errno
   */
  public int openObject(byte[] entry, int flags) {
    int dirfd = acquire();
    if (dirfd < 0) {
      return dirfd;
    }
    try {
      return entry.length == 0
          ? Linux.reopen(dirfd, flags & ~OpenFlags.O_NOFOLLOW)
          : Linux.openat(dirfd, entry, flags | OpenFlags.O_NOFOLLOW, 0);
    } finally {
      release();
    }
  }

  /**
   * Opens an object for reading. On a lower layer this must not change access times, as on
   * overlayfs.
   */
  private int openForReading(int dirfd, byte[] entry, int flags) {
    if (!isUpper()) {
      int result = Linux.openat(dirfd, entry, flags | OpenFlags.O_NOATIME, 0);
      if (result != -Errno.EPERM) {
        return result;
      }
    }
    return Linux.openat(dirfd, entry, flags, 0);
  }
}
