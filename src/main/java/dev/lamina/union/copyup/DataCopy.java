package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.LayerFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.NativeMemory;

/**
 * Copies a file's data: as a clone if the file system can share blocks, else by copy_file_range(2),
 * else by reading and writing. Holes remain holes.
 */
final class DataCopy implements AutoCloseable {
  /**
   * The size of the buffer, which is made once for a copy and only if data is read: a sparse file
   * may have thousands of extents.
   */
  private static final int BUFFER_SIZE = 1 << 20;

  /** The bytes that one call copies: an abandoned copy ends at the latest after these. */
  private static final long CHUNK = 8L << 20;

  private final LayerFile source;
  private final int target;
  private final LongWork work;
  private NativeMemory buffer;

  /** False once the kernel has refused to copy between these two files. */
  private boolean copiesRanges = true;

  private DataCopy(LayerFile source, int target, LongWork work) {
    this.source = source;
    this.target = target;
    this.work = work;
  }

  /**
   * Copies the first {@code length} bytes of a layer's file.
   *
   * @param size the size of the source, in bytes
   * @param target a file of any size without data, open for writing; its size is set to {@code
   *     length}
   * @param work the work that this is part of
   * @throws ErrnoException with the errno of a call that has failed; EINTR if the work is abandoned
   */
  static void copy(Place from, long size, long length, int target, LongWork work)
      throws ErrnoException {
    if (length > 0) {
      LayerFile[] source = new LayerFile[1];
      ErrnoException.check(from.directory().open(from.name(), source));
      try (LayerFile file = source[0];
          DataCopy copy = new DataCopy(file, target, work)) {
        copy.copy(size, length);
      }
    }
    // Setting the size makes the last hole.
    ErrnoException.check(Linux.ftruncate(target, length));
  }

  private void copy(long size, long length) throws ErrnoException {
    int in = source.backingFd();
    if (in < 0) {
      readWrite(0, length);
    } else if (length != size || Linux.ficlone(target, in) < 0) {
      copyExtents(in, length);
    }
  }

  private void checkWanted() throws ErrnoException {
    if (work.isAbandoned()) {
      throw ErrnoException.of(Errno.EINTR);
    }
  }

  private void copyExtents(int in, long length) throws ErrnoException {
    long at = 0;
    while (at < length) {
      long data = Linux.lseek(in, at, Linux.SEEK_DATA);
      if (data == -Errno.ENXIO) {
        return;
      }
      if (isUnsupported(data)) {
        copyRange(in, at, length);
        return;
      }
      if (ErrnoException.check(data) >= length) {
        return;
      }
      long hole = ErrnoException.check(Linux.lseek(in, data, Linux.SEEK_HOLE));
      at = Math.min(hole, length);
      copyRange(in, data, at);
    }
  }

  /** Returns whether a call is not supported for this file, as opposed to having failed. */
  private static boolean isUnsupported(long result) {
    return result == -Errno.EINVAL
        || result == -Errno.EOPNOTSUPP
        || result == -Errno.ENOSYS
        || result == -Errno.EXDEV;
  }

  private void copyRange(int in, long start, long end) throws ErrnoException {
    long at = start;
    while (at < end) {
      if (!copiesRanges) {
        readWrite(at, end);
        return;
      }
      checkWanted();
      long count = Linux.copyFileRange(in, at, target, at, Math.min(CHUNK, end - at));
      if (count == 0 || isUnsupported(count)) {
        // This is not supported for these files, or the source ends early: reading will tell.
        copiesRanges = false;
      } else if (count != -Errno.EINTR) {
        at += ErrnoException.check(count);
      }
    }
  }

  private void readWrite(long start, long end) throws ErrnoException {
    if (buffer == null) {
      buffer = new NativeMemory(BUFFER_SIZE);
    }
    long at = start;
    while (at < end) {
      checkWanted();
      int size = (int) Math.min(BUFFER_SIZE, end - at);
      int count = ErrnoException.check(source.read(buffer.address(), size, at));
      if (count == 0) {
        // The source has become shorter. As in kernel overlayfs, the missing part is a hole.
        return;
      }
      write(buffer.address(), count, at);
      at += count;
    }
  }

  private void write(long address, int size, long offset) throws ErrnoException {
    int done = 0;
    while (done < size) {
      int count = Linux.pwrite(target, address + done, size - done, offset + done);
      if (count != -Errno.EINTR) {
        done += ErrnoException.check(count);
      }
    }
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
    }
  }
}
