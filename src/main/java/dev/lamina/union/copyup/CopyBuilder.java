package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.union.inode.InodeNumbers;
import dev.lamina.union.upper.Durability;
import dev.lamina.union.upper.WorkDirectory;

/** Builds the temporary copies of copy-ups in the work directory. */
public final class CopyBuilder {
  /** Null if nothing can be written. */
  private final WorkDirectory work;

  private final MetadataCopy metadata;
  private final InodeNumbers numbers;
  private final Durability durability;

  /**
   * @param work null on a read-only mount
   */
  public CopyBuilder(
      WorkDirectory work, MetadataCopy metadata, InodeNumbers numbers, Durability durability) {
    this.work = work;
    this.metadata = metadata;
    this.numbers = numbers;
    this.durability = durability;
  }

  /**
   * Checks that copies can be made.
   *
   * @throws ErrnoException EROFS on a read-only mount
   */
  void checkWritable() throws ErrnoException {
    if (work == null) {
      throw ErrnoException.of(Errno.EROFS);
    }
  }

  /**
   * Makes an empty directory with the metadata of another, except for marks.
   *
   * @return its name in the work directory
   */
  public byte[] directory(Place original) throws ErrnoException {
    byte[] temporary = work.newName();
    try {
      Stat stat = new Stat();
      ErrnoException.check(original.directory().stat(original.name(), stat));
      ErrnoException.check(Linux.mkdirat(work.fd(), temporary, 0700));
      metadata.copy(original, stat, work.fd(), temporary);
      return temporary;
    } catch (ErrnoException | RuntimeException | Error e) {
      work.discard(temporary);
      throw e;
    }
  }

  /**
   * Copies an object that is not a directory. If this fails, nothing is left of the copy.
   *
   * @param truncation what truncates the copy; null if all of the data is to be copied
   * @param copyUp the work that this is part of
   */
  TemporaryCopy build(CopySource source, Truncation truncation, LongWork copyUp)
      throws ErrnoException {
    byte[] temporary = work.newName();
    try {
      boolean keepsNumber = copy(source, temporary, truncation, copyUp);
      Stat copied = new Stat();
      ErrnoException.check(Linux.statx(work.fd(), temporary, copied));
      return new TemporaryCopy(temporary, keepsNumber, numbers.number(copied.dev, copied.ino));
    } catch (ErrnoException | RuntimeException | Error e) {
      Truncation.undo(truncation);
      work.discard(temporary);
      throw e;
    }
  }

  /** Copies data and metadata; returns whether the copy keeps its original's inode number. */
  private boolean copy(CopySource source, byte[] temporary, Truncation truncation, LongWork copyUp)
      throws ErrnoException {
    Stat stat = source.stat();
    switch (stat.type()) {
      case Mode.S_IFREG -> {
        return copyFile(source, temporary, truncation, copyUp);
      }
      case Mode.S_IFLNK -> copyLink(source.place(), temporary);
      default ->
          ErrnoException.check(Linux.mknodat(work.fd(), temporary, stat.type() | 0600, stat.rdev));
    }
    return metadata.copyKeepingNumber(source.place(), stat, work.fd(), temporary);
  }

  /**
   * Copies a regular file through a single descriptor, since its mode may not allow it to be opened
   * again.
   *
   * @return whether it keeps its number
   */
  private boolean copyFile(
      CopySource source, byte[] temporary, Truncation truncation, LongWork copyUp)
      throws ErrnoException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    int fd = ErrnoException.check(Linux.openat(work.fd(), temporary, flags, 0600));
    try {
      Stat stat = source.stat();
      long length = truncation == null ? stat.size : truncation.size();
      DataCopy.copy(source.data(), stat.size, length, fd, copyUp);
      boolean keepsNumber = metadata.copyKeepingNumber(source.place(), stat, fd, Linux.EMPTY);
      if (truncation != null) {
        truncation.prepare(work.fd(), temporary);
      }
      // A crash after the rename must not leave a file without its data.
      durability.fsync(fd, false);
      return keepsNumber;
    } finally {
      // The only error that close(2) could report, a failed write-back, fsync has reported.
      Linux.close(fd);
    }
  }

  private void copyLink(Place place, byte[] temporary) throws ErrnoException {
    long address = ThreadBuffers.ofThread().value();
    int length =
        ErrnoException.check(place.directory().readlink(place.name(), address, ThreadBuffers.SIZE));
    byte[] target = new byte[length];
    Memory.getBytes(address, target, 0, length);
    ErrnoException.check(Linux.symlinkat(target, work.fd(), temporary));
  }
}
