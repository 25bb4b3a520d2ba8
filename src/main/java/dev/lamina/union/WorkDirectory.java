package dev.lamina.union;

import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.UpperAbilities;
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
 * make is made here and renamed into place; every tree that takes more than one to remove is first
 * renamed to here. What a crash left here is removed at the next mount.
 */
final class WorkDirectory implements AutoCloseable {
  private final FdDirectory directory;
  private final int fd;

  /** The name of the whiteout that others are links of; null while there is none. */
  private volatile byte[] whiteout;

  private UpperAbilities abilities;

  /**
   * What could not be removed yet: tried again one by one when something else is, and at the end.
   * The next mount removes the rest.
   */
  private final Queue<Doomed> left = new ConcurrentLinkedQueue<>();

  /** Something to be removed; of an emptied directory, no directory that may be in it. */
  private record Doomed(byte[] name, boolean isEmptied) {}

  private final AtomicLong counter = new AtomicLong();
  private boolean isMarkedVolatile;

  /**
   * @param description of the upper, whose file system it is on
   * @param fd an O_PATH descriptor of the scratch directory; ownership passes here
   */
  WorkDirectory(String description, DescriptorCache cache, int fd) {
    this.fd = fd;
    this.directory = new DirectoryLayer(0, true, description, fd, cache).root();
  }

  /** Before anything is changed: what the file system can do. */
  void setAbilities(UpperAbilities found) {
    abilities = found;
  }

  UpperAbilities abilities() {
    return abilities;
  }

  /** The descriptor, for building in it; it stays this object's. */
  int fd() {
    return fd;
  }

  /** The same as a directory of the upper's file system. */
  FdDirectory directory() {
    return directory;
  }

  /** A name that nothing has here. */
  byte[] newName() {
    return ("#" + Long.toHexString(counter.incrementAndGet()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * Makes the whiteout of a name that is free in an upper directory. All whiteouts of a mount are
   * links of one, as in kernel overlayfs: a link costs much less than an inode.
   *
   * @return 0 or the negative errno
   */
  int makeWhiteout(UpperFormat format, FdDirectory upper, int dirfd, byte[] name) {
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
      // Too many links already (EMLINK), or none allowed.
    }
    int result = makeOwnWhiteout(format, upper, dirfd, name);
    if (result == 0) {
      share(dirfd, name);
    }
    return result;
  }

  /**
   * Puts a whiteout in the place of an upper object, which is removed.
   *
   * @param isDirectory whether it is one, which users see as empty
   */
  void putWhiteout(
      UpperFormat format, FdDirectory upper, int dirfd, byte[] name, boolean isDirectory)
      throws ErrnoException {
    if (!format.hidesInPlace()) {
      ErrnoException.check(makeWhiteout(format, upper, dirfd, name));
      if (isDirectory) {
        removeEmptied(dirfd, name);
      } else {
        ErrnoException.check(Linux.unlinkat(dirfd, name, 0));
      }
      return;
    }
    byte[] made = newName();
    ErrnoException.check(format.allowWhiteouts(upper, dirfd));
    ErrnoException.check(makeWhiteout(format, directory, fd, made));
    int flags = isDirectory ? Linux.RENAME_EXCHANGE : 0;
    int result = OwnerPermission.rename(fd, made, dirfd, name, flags);
    if (result < 0) {
      discard(made);
      throw ErrnoException.of(-result);
    }
    if (isDirectory) {
      // The two have changed places.
      discardEmptied(made);
    }
  }

  /** One that is not made in one step is put into place in one. */
  private int makeOwnWhiteout(UpperFormat format, FdDirectory upper, int dirfd, byte[] name) {
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

  /** Keeps a link to a whiteout, of which the next ones are made. */
  private synchronized void share(int dirfd, byte[] name) {
    byte[] old = whiteout;
    byte[] own = newName();
    // Where links are not to be had, each whiteout is an inode of its own.
    whiteout = Linux.linkat(dirfd, name, fd, own) == 0 ? own : null;
    if (old != null) {
      discard(old);
    }
  }

  /** Removes what was half built; what cannot be removed now is tried again. */
  void discard(byte[] name) {
    discard(new Doomed(name, false));
  }

  /**
   * Removes a directory of the upper that was moved here, and the marks in it. Users saw it as
   * empty ({@link dev.lamina.layer.MergedListing#isEmpty}); what may be in it all the same, below a
   * directory, is not removed.
   */
  void discardEmptied(byte[] name) {
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

  /** 0 or the negative errno. */
  private int remove(Doomed object) {
    // It may be a tree, or a file of gigabytes.
    int result =
        ServiceThreads.block(
            () ->
                object.isEmptied
                    ? TreeRemoval.removeFlat(fd, object.name)
                    : TreeRemoval.remove(fd, object.name));
    return result == -Errno.ENOENT ? 0 : result;
  }

  /**
   * Takes a directory that users see as empty out of an upper directory and removes it with the
   * marks in it.
   *
   * @throws ErrnoException when it could not be taken out; then it is still there
   */
  void removeEmptied(int dirfd, byte[] name) throws ErrnoException {
    byte[] doomed = newName();
    ErrnoException.check(OwnerPermission.rename(dirfd, name, fd, doomed, 0));
    discardEmptied(doomed);
  }

  /** Empties it of what an earlier mount left; 0 or the negative errno. */
  int clear() {
    return TreeRemoval.clear(fd);
  }

  /** Leaves the mark of a volatile mount until {@link #close}; 0 or the negative errno. */
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
            "left in the work directory: {}: {}",
            new String(object.name, StandardCharsets.ISO_8859_1),
            Errno.message(-result));
      }
    }
    directory.drop();
  }
}
