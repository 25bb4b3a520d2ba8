package dev.lamina.union;

import dev.lamina.fuse.Notifier;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Copy-up: makes the upper copy of a lower object, with all its data and metadata, in the work
 * directory, and renames it into place. It is there whole or not at all.
 *
 * <p>Locks: the inode's copy-up lock, so that one copy-up serves all who ask at once; no monitor
 * while data is copied; the directory's and the inode's monitors to put the copy into place.
 */
final class CopyUp {
  /** All of a file's data. */
  static final long ALL = Long.MAX_VALUE;

  private final Union union;
  private final Metacopy metacopy;
  private final MetadataCopy metadata;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  CopyUp(Union union) {
    this.union = union;
    this.metacopy = new Metacopy(union);
    this.metadata = new MetadataCopy(union);
  }

  /** Whom to tell that a copy has a change time, and a link count, of its own. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Sees to it that an inode, whatever its type, lies on the upper with its data.
   *
   * @param dataLimit how many bytes of a regular file to take along, where the caller is about to
   *     cut it off there
   * @throws ErrnoException EROFS on a read-only mount; whatever a step failed with, ENOSPC say, and
   *     then nothing has changed
   */
  void copyUp(Inode inode, long dataLimit) throws ErrnoException {
    if (inode.isDirectory()) {
      directory(inode);
    } else {
      object(inode, dataLimit);
    }
  }

  /** Sees to it that a directory has an upper part, and with it all directories above it. */
  void directory(Inode directory) throws ErrnoException {
    union.checkWritable();
    // From the topmost one that lacks it down. A loop: trees may be deeper than the stack.
    Deque<Inode> missing = new ArrayDeque<>();
    for (Inode at = directory; !at.isUpper(); ) {
      missing.push(at);
      Dentry name = nameOf(at);
      if (name == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      at = name.parent;
    }
    for (Inode at : missing) {
      oneDirectory(at);
      notifier.attributesChanged(at.nodeid, at.number);
    }
  }

  private void oneDirectory(Inode directory) throws ErrnoException {
    ReentrantLock lock = directory.copyUpLock();
    lock.lock();
    try {
      if (directory.isUpper()) {
        return;
      }
      byte[] temporary = emptyCopy(directory.place());
      try {
        putInPlace(directory, temporary);
      } catch (ErrnoException | RuntimeException e) {
        union.work().discard(temporary);
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a directory with the metadata of another, but for marks, in the work directory.
   *
   * @return its name there
   */
  byte[] emptyCopy(Place directory) throws ErrnoException {
    byte[] temporary = union.work().newName();
    try {
      Stat stat = new Stat();
      ErrnoException.check(directory.directory().stat(directory.name(), stat));
      ErrnoException.check(Linux.mkdirat(union.work().fd(), temporary, 0700));
      metadata.copy(directory, stat, union.work().fd(), temporary);
      return temporary;
    } catch (ErrnoException | RuntimeException e) {
      union.work().discard(temporary);
      throw e;
    }
  }

  private void putInPlace(Inode directory, byte[] temporary) throws ErrnoException {
    Dentry name = nameOf(directory);
    if (name == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    Locks.hold(
        name.parent,
        directory,
        () -> {
          if (directory.anyName() != name) {
            throw ErrnoException.of(Errno.ENOENT);
          }
          // For kernel overlayfs, which shows the lower directory's number in listings only then.
          ErrnoException.check(union.marks().makeImpure(name.parent));
          install(name, temporary);
          // A lookup that has seen no upper part yet must look again.
          name.parent.version++;
          FdDirectory upper = name.parent.upperDirectory().child(name.name);
          Whiteouts.startsEmpty(upper);
          directory.addUpper(upper);
          // Who has listed the contributors must list them again.
          directory.version++;
          DirectoryMemo.IMPURE.forget(directory);
          return null;
        });
  }

  private void object(Inode inode, long dataLimit) throws ErrnoException {
    if (inode.hasUpperData()) {
      return;
    }
    union.checkWritable();
    long number = inode.number;
    objectOnce(inode, dataLimit);
    notifier.attributesChanged(inode.nodeid, inode.number);
    Dentry name = nameOf(inode);
    if (inode.number != number && name != null) {
      notifier.listingChanged(name.parent.nodeid);
    }
  }

  private void objectOnce(Inode inode, long dataLimit) throws ErrnoException {
    ReentrantLock lock = inode.copyUpLock();
    lock.lock();
    try {
      if (inode.hasUpperData()) {
        return;
      }
      if (inode.isUpper()) {
        metacopy.complete(inode, dataLimit);
      } else {
        whole(inode, dataLimit);
      }
    } finally {
      lock.unlock();
    }
  }

  private void whole(Inode inode, long dataLimit) throws ErrnoException {
    Dentry name = nameOf(inode);
    if (name != null) {
      directory(name.parent);
    }
    byte[] temporary = union.work().newName();
    try {
      build(inode, temporary, dataLimit);
    } catch (ErrnoException | RuntimeException e) {
      union.work().discard(temporary);
      throw e;
    }
  }

  private void build(Inode inode, byte[] temporary, long dataLimit) throws ErrnoException {
    CopySource source = CopySource.of(inode);
    Place place = source.place();
    Stat stat = source.stat();
    int work = union.work().fd();
    boolean keepsNumber =
        switch (stat.type()) {
          case Mode.S_IFREG -> copyFile(source, temporary, dataLimit);
          case Mode.S_IFLNK -> {
            copyLink(place, temporary);
            yield metadata.copyKeepingNumber(place, stat, work, temporary);
          }
          default -> {
            ErrnoException.check(Linux.mknodat(work, temporary, stat.type() | 0600, stat.rdev));
            yield metadata.copyKeepingNumber(place, stat, work, temporary);
          }
        };
    Stat copy = new Stat();
    ErrnoException.check(Linux.statx(work, temporary, copy));
    // A file becomes one of its own: one of several hard links, or one that cannot be marked.
    long number = keepsNumber ? inode.number : union.numbers().number(copy.dev, copy.ino);
    putInPlace(inode, temporary, number, keepsNumber);
  }

  /**
   * Copies a regular file by one descriptor: its mode in the end may let nobody open it again.
   *
   * @return whether it keeps its number
   */
  private boolean copyFile(CopySource source, byte[] temporary, long limit) throws ErrnoException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    int fd = ErrnoException.check(Linux.openat(union.work().fd(), temporary, flags, 0600));
    try {
      Stat stat = source.stat();
      DataCopy.copy(source.data(), stat.size, Math.min(stat.size, limit), fd);
      boolean keepsNumber = metadata.copyKeepingNumber(source.place(), stat, fd, Linux.EMPTY);
      if (!union.isVolatile()) {
        // A crash after the rename must not leave a file without its data.
        ErrnoException.check(Linux.fsync(fd));
      }
      return keepsNumber;
    } finally {
      // What it could report, a failed write-back, fsync has reported.
      Linux.close(fd);
    }
  }

  private void copyLink(Place place, byte[] temporary) throws ErrnoException {
    long address = Buffers.ofThread().value();
    int length =
        ErrnoException.check(place.directory().readlink(place.name(), address, Buffers.SIZE));
    byte[] target = new byte[length];
    Memory.getBytes(address, target, 0, length);
    ErrnoException.check(Linux.symlinkat(target, union.work().fd(), temporary));
  }

  private void putInPlace(Inode inode, byte[] temporary, long number, boolean marked)
      throws ErrnoException {
    boolean done = false;
    while (!done) {
      Dentry name = nameOf(inode);
      done =
          Locks.hold(
              inode,
              name == null ? null : name.parent,
              () -> {
                if (inode.anyName() != name) {
                  return false;
                }
                if (name == null) {
                  detach(inode, temporary);
                } else {
                  if (marked) {
                    ErrnoException.check(union.marks().makeImpure(name.parent));
                  }
                  install(name, temporary);
                  name.parent.version++;
                }
                inode.becomeUpper();
                inode.number = number;
                return true;
              });
    }
  }

  /** A file that lost its last name meanwhile, or had none, lives on without one. */
  private void detach(Inode inode, byte[] temporary) throws ErrnoException {
    int work = union.work().fd();
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    int fd = ErrnoException.check(Linux.openat(work, temporary, flags, 0));
    inode.detach(union.work().directory().detached(fd));
    union.work().discard(temporary);
  }

  /** Renames the copy to its place; the directory's times stay what they were. */
  private void install(Dentry name, byte[] temporary) throws ErrnoException {
    FdDirectory parent = name.parent.upperDirectory();
    int fd = ErrnoException.check(parent.acquire());
    try {
      Stat times = new Stat();
      ErrnoException.check(Linux.fstat(fd, times));
      ErrnoException.check(renameWithoutReplacing(temporary, fd, name.name));
      // The copy is in place, which nothing may now make look like a failure.
      Linux.utimensat(fd, Linux.EMPTY, times);
    } finally {
      parent.release();
    }
  }

  /** What the upper may have there already is newer than any copy. */
  private int renameWithoutReplacing(byte[] temporary, int dirfd, byte[] name) {
    int work = union.work().fd();
    int result = OwnersRight.rename(work, temporary, dirfd, name, Linux.RENAME_NOREPLACE);
    return result == -Errno.EINVAL ? OwnersRight.rename(work, temporary, dirfd, name, 0) : result;
  }

  private static Dentry nameOf(Inode inode) {
    synchronized (inode) {
      return inode.anyName();
    }
  }
}
