package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import dev.lamina.layer.LayerFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.NativeMemory;

/**
 * Copies a file's data: as a clone where the file system shares blocks, else by copy_file_range(2),
 * else by reading and writing. Holes stay holes.
 */
final class DataCopy implements AutoCloseable {
  /** One for a whole copy, and only where data is read: a sparse file has thousands of extents. */
  private static final int BUFFER_SIZE = 1 << 20;

  /** Bytes in one call: who abandons a copy waits no longer than for these. */
  private static final long CHUNK = 8L << 20;

  private final LayerFile source;
  private final int target;
  private final LongWork work;
  private NativeMemory buffer;

  /** Until the kernel has said that it does not copy between these two files. */
  private boolean copiesRanges = true;

  private DataCopy(LayerFile source, int target, LongWork work) {
    this.source = source;
    this.target = target;
    this.work = work;
  }

  /**
   * Copies the first {@code length} bytes of a layer's file.
   *
   * @param size of the source, in bytes
   * @param target a file without data, whatever its size, open for writing; gets {@code length} as
   *     its size
   * @param work that this is part of
   * @throws ErrnoException with the errno of what failed; EINTR where the work is abandoned
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
    // The last hole is made by the size alone.
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

  /** What says that a call is not to be had with this file, as opposed to having failed. */
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
        // Not between these files, or the source ends early: reading tells.
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
        // It has become shorter: what is missing is a hole, as kernel overlayfs makes it.
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
