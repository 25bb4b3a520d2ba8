package dev.lamina.union.upper;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.UpperFeatures;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.TreeRemoval;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Scratch space on the upper's file system. Every object that takes more than one system call to
 * make is made here and renamed into place; every tree that takes more than one call to remove is
 * first renamed to here. Whatever a crash leaves here is removed at the next mount.
 */
public final class WorkDirectory implements AutoCloseable {
  private final FdDirectory directory;
  private final int fd;

  /** The name of the whiteout that new ones are links to; null if there is none. */
  private volatile byte[] whiteout;

  private UpperFeatures features;
  private UpperFormat format;

  /**
   * Objects that could not be removed yet. One is tried again whenever another one is removed, and
   * all are at the end; the next mount removes the rest.
   */
  private final Queue<Doomed> left = new ConcurrentLinkedQueue<>();

  /**
   * An object to be removed.
   *
   * @param isEmptied whether it is a directory that users saw as empty, in which no directory is
   *     removed
   */
  private record Doomed(byte[] name, boolean isEmptied) {}

  private final AtomicLong counter = new AtomicLong();
  private boolean isMarkedVolatile;

  /**
   * @param description a description of the upper, on whose file system it is
   * @param fd an O_PATH descriptor of the scratch directory; ownership passes here
   */
  WorkDirectory(String description, DescriptorCache cache, int fd) {
    this.fd = fd;
    this.directory = new DirectoryLayer(0, true, description, fd, cache).root();
  }

  /** Sets what the file system can do, before anything is changed. */
  void setFeatures(UpperFeatures found) {
    features = found;
    format = found.format();
  }

  /** Returns what the file system can do. */
  public UpperFeatures features() {
    return features;
  }

  /** Returns the format of the marks in the upper. */
  public UpperFormat format() {
    return format;
  }

  /** Returns the descriptor, for building in the directory; it remains this object's. */
  public int fd() {
    return fd;
  }

  /** Returns the scratch directory as a directory of the upper's file system. */
  public FdDirectory directory() {
    return directory;
  }

  /** Returns a name that is not in use here. */
  public byte[] newName() {
    return ("#" + Long.toHexString(counter.incrementAndGet()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * Makes the whiteout of a name that is free in an upper directory. As in kernel overlayfs, all
   * whiteouts of a mount are links to one inode: a link costs much less than a new inode.
   *
   * @return 0 or the negative errno
   */
  public int makeWhiteout(FdDirectory upper, int dirfd, byte[] name) {
    if (!format.hidesInPlace()) {
      return format.makeWhiteout(upper, dirfd, name);
    }
    int allowed = upper == directory ? 0 : format.allowWhiteouts(upper, dirfd);
    if (allowed < 0) {
      return allowed;
    }
    byte[] shared = whiteout;
    if (shared != null) {
      int result = Linux.linkat(fd, shared, dirfd, name);
      if (result == 0 || result == -Errno.EEXIST || result == -Errno.ENOSPC) {
        return result;
      }
      // There are too many links already (EMLINK), or links are not allowed.
    }
    int result = makeOwnWhiteout(upper, dirfd, name);
    if (result == 0) {
      share(dirfd, name);
    }
    return result;
  }

  /**
   * Replaces an upper object by a whiteout; the object is removed.
   *
   * @param isDirectory whether the object is a directory, which users see as empty
   */
  public void putWhiteout(FdDirectory upper, int dirfd, byte[] name, boolean isDirectory)
      throws ErrnoException {
    if (!format.hidesInPlace()) {
      ErrnoException.check(makeWhiteout(upper, dirfd, name));
      if (isDirectory) {
        removeEmptied(dirfd, name);
      } else {
        ErrnoException.check(Linux.unlinkat(dirfd, name, 0));
      }
      return;
    }
    byte[] made = newName();
    ErrnoException.check(format.allowWhiteouts(upper, dirfd));
    ErrnoException.check(makeWhiteout(directory, fd, made));
    int flags = isDirectory ? Linux.RENAME_EXCHANGE : 0;
    int result = OwnerPermission.rename(fd, made, dirfd, name, flags);
    if (result < 0) {
      discard(made);
      throw ErrnoException.of(-result);
    }
    if (isDirectory) {
      // The two have exchanged places.
      discardEmptied(made);
    }
  }

  /** Makes a whiteout, here first if that takes more than one step. */
  private int makeOwnWhiteout(FdDirectory upper, int dirfd, byte[] name) {
    if (format.hasDevices()) {
      return format.makeWhiteout(upper, dirfd, name);
    }
    byte[] own = newName();
    int result = format.makeWhiteout(fd, own);
    if (result == 0) {
      result = Linux.renameat2(fd, own, dirfd, name, Linux.RENAME_NOREPLACE);
    }
    if (result < 0) {
      discard(own);
    }
    return result;
  }

  /** Keeps a link to a whiteout, from which the next ones are made. */
  private synchronized void share(int dirfd, byte[] name) {
    byte[] old = whiteout;
    byte[] own = newName();
    // If links cannot be made, each whiteout is an inode of its own.
    whiteout = Linux.linkat(dirfd, name, fd, own) == 0 ? own : null;
    if (old != null) {
      discard(old);
    }
  }

  /** Removes an unfinished object; if that fails now, it is tried again later. */
  public void discard(byte[] name) {
    discard(new Doomed(name, false));
  }

  /**
   * Removes a directory of the upper that was moved here, with the marks in it. Users saw it as
   * empty ({@link dev.lamina.layer.MergedListing#isEmpty}); if it holds a directory all the same,
   * that is not removed.
   */
  public void discardEmptied(byte[] name) {
    discard(new Doomed(name, true));
  }

  private void discard(Doomed object) {
    Doomed earlier = left.poll();
    if (earlier != null && remove(earlier) < 0) {
      left.add(earlier);
    }
    if (remove(object) < 0) {
      left.add(object);
    }
  }

  /** Removes an object; returns 0 or the negative errno. */
  private int remove(Doomed object) {
    // This may take long: it may be a tree, or a file of gigabytes.
    int result =
        ServiceThreads.block(
            () ->
                object.isEmptied
                    ? TreeRemoval.removeFlat(fd, object.name)
                    : TreeRemoval.remove(fd, object.name));
    return result == -Errno.ENOENT ? 0 : result;
  }

  /**
   * Moves a directory that users see as empty out of an upper directory and removes it with the
   * marks in it.
   *
   * @throws ErrnoException if it could not be moved; it is still in its place then
   */
  public void removeEmptied(int dirfd, byte[] name) throws ErrnoException {
    byte[] doomed = newName();
    ErrnoException.check(OwnerPermission.rename(dirfd, name, fd, doomed, 0));
    discardEmptied(doomed);
  }

  /** Removes what an earlier mount has left here; returns 0 or the negative errno. */
  int clear() {
    return TreeRemoval.clear(fd);
  }

  /**
   * Leaves the mark of a volatile mount here until {@link #close}; returns 0 or the negative errno.
   */
  int markVolatile() {
    isMarkedVolatile = true;
    return VolatileMark.make(fd);
  }

  @Override
  public void close() {
    if (whiteout != null) {
      discard(whiteout);
    }
    if (isMarkedVolatile) {
      discard(VolatileMark.INCOMPAT);
    }
    for (Doomed object : left) {
      int result = remove(object);
      if (result < 0) {
        Log.warn(
            WorkDirectory.class,
            "cannot remove {} from the work directory; the next mount removes it: {}",
            new String(object.name, StandardCharsets.ISO_8859_1),
            Errno.message(-result));
      }
    }
    directory.drop();
  }
}
