package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.layer.FdDirectory;
import dev.lamina.layer.Place;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Copy-up: makes the upper copy of a lower object, with all its data and metadata, in the work
 * directory, and renames it into place. It is there whole or not at all.
 *
 * <p>An inode has one copy-up at a time, which serves all who ask for it; they wait for it as the
 * transport waits ({@link Notifier#await}), holding nothing. A large file is copied by a thread of
 * {@link CopyThreads}, and who asks for it waits as all others do.
 *
 * <p>Locks: no monitor while data is copied; the directory's and the inode's monitors to put the
 * copy into place.
 */
final class CopyUp {
  private final Union union;
  private final SpaceWait room;
  private final CopyThreads longCopies;

  private final Metacopy metacopy;
  private final MetadataCopy metadata;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  CopyUp(Union union, SpaceWait room) {
    this.union = union;
    this.room = room;
    longCopies = new CopyThreads(union.stack().size());
    this.metacopy = new Metacopy(union);
    this.metadata = new MetadataCopy(union);
  }

  /** Whom to tell that a copy has a change time, and a link count, of its own. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /** Abandons what is being copied. */
  void close() {
    longCopies.close();
  }

  /**
   * Sees to it that an inode, whatever its type, lies on the upper with its data.
   *
   * @throws ErrnoException EROFS on a read-only mount; whatever a step failed with, ENOSPC say, and
   *     then nothing has changed; what {@link Notifier#await} throws
   */
  void copyUp(Inode inode) throws ErrnoException {
    copyUp(inode, null);
  }

  /**
   * The same before the file is cut off.
   *
   * @param cut has the descriptor of the copy afterwards, which is cut off already, where this call
   *     has made it so; null where all of a file is wanted
   */
  void copyUp(Inode inode, Truncation cut) throws ErrnoException {
    if (inode.isDirectory()) {
      directory(inode);
    } else {
      object(inode, cut);
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
    LongWork work = begin(directory);
    if (work == null) {
      return;
    }
    try {
      byte[] temporary = emptyCopy(directory.place());
      try {
        putInPlace(directory, temporary);
      } catch (ErrnoException | RuntimeException | Error e) {
        union.work().discard(temporary);
        throw e;
      }
    } finally {
      end(directory, work, 0);
    }
  }

  /**
   * Makes an inode's copy-up the calling thread's, which must end it; waits for another's.
   *
   * @return null where there is nothing to copy any more
   */
  private LongWork begin(Inode inode) throws ErrnoException {
    while (true) {
      LongWork other;
      synchronized (inode) {
        if (inode.isDirectory() ? inode.isUpper() : inode.hasUpperData()) {
          return null;
        }
        other = inode.copyUp;
        if (other == null) {
          inode.copyUp = new LongWork(inode.nodeid);
          return inode.copyUp;
        }
      }
      notifier.await(other);
    }
  }

  /**
   * @param errno of a failure that is also that of all who wait; 0 where they shall look themselves
   */
  private static void end(Inode inode, LongWork work, int errno) {
    synchronized (inode) {
      inode.copyUp = null;
    }
    work.end(errno);
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
    } catch (ErrnoException | RuntimeException | Error e) {
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

  private void object(Inode inode, Truncation cut) throws ErrnoException {
    while (!inode.hasUpperData()) {
      union.checkWritable();
      Dentry name = nameOf(inode);
      if (name != null) {
        directory(name.parent);
      }
      LongWork work = begin(inode);
      if (work != null) {
        own(inode, cut, work);
      }
    }
  }

  /** One attempt at the copy-up that is the calling thread's, or another one's from then on. */
  private void own(Inode inode, Truncation cut, LongWork work) throws ErrnoException {
    boolean isOwn = true;
    try {
      CopySource source = CopySource.of(inode);
      Truncation possible = mayCut(inode, source, cut) ? cut : null;
      long size = possible == null ? source.stat().size : possible.size();
      if (source.stat().isRegular() && size > CopyThreads.LARGE) {
        isOwn = !handOver(inode, source, work);
      }
      if (isOwn) {
        object(inode, source, possible, work);
      }
    } catch (ErrnoException e) {
      if (cut == null || !cut.wasRefused()) {
        throw e;
      }
    } finally {
      if (isOwn) {
        end(inode, work, 0);
      }
    }
    if (!isOwn) {
      notifier.await(work);
    }
  }

  /** A file that is larger already stays as it is in any case. */
  private static boolean mayCut(Inode inode, CopySource source, Truncation cut) {
    return cut != null
        && cut.size() < source.stat().size
        && cut.size() < CopyThreads.LARGE
        && !inode.isUpper()
        && !isReadByKernel(inode);
  }

  /** Then a successor gets the data, and who cuts it off comes back. */
  private static boolean isReadByKernel(Inode inode) {
    synchronized (inode) {
      return inode.lowerBackings > 0;
    }
  }

  private static int layer(CopySource source) {
    return source.data().directory().layer().index();
  }

  /** False where there are no threads for it; then the copy-up is still the caller's. */
  private boolean handOver(Inode inode, CopySource source, LongWork work) throws ErrnoException {
    // The kernel may forget an inode for which nobody waits any more.
    if (!union.table().use(inode, true)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    boolean isStarted =
        longCopies.start(
            work, layer(source), source.stat().size, () -> copyAndEnd(inode, source, work));
    if (!isStarted) {
      union.table().forget(inode, 1);
    }
    return isStarted;
  }

  private void copyAndEnd(Inode inode, CopySource source, LongWork work) {
    int errno = Errno.EIO;
    try {
      errno = copyWhenThereIsRoom(inode, source, work);
    } catch (Throwable e) {
      Log.error(CopyUp.class, "a copy-up failed", e);
    } finally {
      union.table().forget(inode, 1);
      end(inode, work, errno);
    }
  }

  /** 0 or the errno. */
  private int copyWhenThereIsRoom(Inode inode, CopySource source, LongWork work) {
    for (int attempt = 0; ; attempt++) {
      try {
        object(inode, source, null, work);
        return 0;
      } catch (ErrnoException e) {
        if (!e.isNoRoom() || !room.await(attempt)) {
          return e.errno();
        }
      }
    }
  }

  private void object(Inode inode, CopySource source, Truncation cut, LongWork work)
      throws ErrnoException {
    long number = inode.number;
    try {
      if (inode.isUpper()) {
        metacopy.complete(inode, source, work);
      } else {
        whole(inode, source, cut, work);
      }
    } finally {
      notifier.attributesChanged(inode.nodeid, inode.number);
    }
    Dentry name = nameOf(inode);
    if (inode.number != number && name != null) {
      notifier.listingChanged(name.parent.nodeid);
    }
  }

  private void whole(Inode inode, CopySource source, Truncation cut, LongWork work) throws ErrnoException {
    byte[] temporary = union.work().newName();
    try {
      build(inode, source, temporary, cut, work);
    } catch (ErrnoException | RuntimeException | Error e) {
      if (cut != null) {
        cut.undo();
      }
      union.work().discard(temporary);
      throw e;
    }
  }

  private void build(Inode inode, CopySource source, byte[] temporary, Truncation cut, LongWork copy)
      throws ErrnoException {
    Place place = source.place();
    Stat stat = source.stat();
    int work = union.work().fd();
    boolean keepsNumber =
        switch (stat.type()) {
          case Mode.S_IFREG -> copyFile(source, temporary, cut, copy);
          case Mode.S_IFLNK -> {
            copyLink(place, temporary);
            yield metadata.copyKeepingNumber(place, stat, work, temporary);
          }
          default -> {
            ErrnoException.check(Linux.mknodat(work, temporary, stat.type() | 0600, stat.rdev));
            yield metadata.copyKeepingNumber(place, stat, work, temporary);
          }
        };
    Stat copied = new Stat();
    ErrnoException.check(Linux.statx(work, temporary, copied));
    // A file becomes one of its own: one of several hard links, or one that cannot be marked.
    long number = keepsNumber ? inode.number : union.numbers().number(copied.dev, copied.ino);
    putInPlace(inode, temporary, number, keepsNumber, cut, copy);
  }

  /**
   * Copies a regular file by one descriptor: its mode in the end may let nobody open it again.
   *
   * @return whether it keeps its number
   */
  private boolean copyFile(CopySource source, byte[] temporary, Truncation cut, LongWork copy)
      throws ErrnoException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    int fd = ErrnoException.check(Linux.openat(union.work().fd(), temporary, flags, 0600));
    try {
      Stat stat = source.stat();
      long length = cut == null ? stat.size : cut.size();
      DataCopy.copy(source.data(), stat.size, length, fd, copy);
      boolean keepsNumber = metadata.copyKeepingNumber(source.place(), stat, fd, Linux.EMPTY);
      if (cut != null) {
        cut.prepare(union.work().fd(), temporary);
      }
      if (!union.isVolatile()) {
        // A crash after the rename must not leave a file without its data.
        ErrnoException.check(ServiceThreads.block(() -> Linux.fsync(fd)));
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

  private void putInPlace(
      Inode inode, byte[] temporary, long number, boolean marked, Truncation cut, LongWork work)
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
                if (work.isAbandoned()) {
                  throw ErrnoException.of(Errno.EINTR);
                }
                if (cut != null && inode.lowerBackings > 0) {
                  // Since this began; all of the data is needed now.
                  cut.refuse();
                  throw ErrnoException.of(Errno.EAGAIN);
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
    int result = OwnerPermission.rename(work, temporary, dirfd, name, Linux.RENAME_NOREPLACE);
    return result == -Errno.EINVAL ? OwnerPermission.rename(work, temporary, dirfd, name, 0) : result;
  }

  private static Dentry nameOf(Inode inode) {
    synchronized (inode) {
      return inode.anyName();
    }
  }
}
