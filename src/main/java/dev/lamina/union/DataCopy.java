package dev.lamina.union;

import dev.lamina.layer.LayerFile;
import dev.lamina.layer.Place;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Copies a file's data: as a clone where the file system shares blocks, else by copy_file_range(2),
 * else by reading and writing. Holes stay holes.
 */
final class DataCopy {
  private static final int BUFFER_SIZE = 1 << 20;

  /** Bytes in one call, so that a signal or unmount need not wait for a whole file. */
  private static final long CHUNK = 64L << 20;

  private DataCopy() {}

  /**
   * Copies the first {@code length} bytes of a layer's file.
   *
   * @param size of the source, in bytes
   * @param target a file without data, whatever its size, open for writing; gets {@code length} as
   *     its size
   * @throws ErrnoException with the errno of what failed
   */
  static void copy(Place from, long size, long length, int target) throws ErrnoException {
    if (length > 0) {
      LayerFile[] source = new LayerFile[1];
      ErrnoException.check(from.directory().open(from.name(), source));
      try (LayerFile file = source[0]) {
        ErrnoException.check(copy(file, size, length, target));
      }
    }
    // The last hole is made by the size alone.
    ErrnoException.check(Linux.ftruncate(target, length));
  }

  private static int copy(LayerFile source, long size, long length, int target) {
    int in = source.backingFd();
    if (in >= 0 && length == size && Linux.ficlone(target, in) == 0) {
      return 0;
    }
    return in >= 0 ? copyExtents(source, in, length, target) : readWrite(source, 0, length, target);
  }

  private static int copyExtents(LayerFile source, int in, long length, int target) {
    long at = 0;
    while (at < length) {
      long data = Linux.lseek(in, at, Linux.SEEK_DATA);
      if (data == -Errno.ENXIO) {
        return 0;
      }
      if (data < 0) {
        return readWrite(source, at, length, target);
      }
      long hole = Linux.lseek(in, data, Linux.SEEK_HOLE);
      long end = hole < 0 ? length : Math.min(hole, length);
      if (data >= length) {
        return 0;
      }
      int result = copyRange(source, in, data, end, target);
      if (result < 0) {
        return result;
      }
      at = end;
    }
    return 0;
  }

  private static int copyRange(LayerFile source, int in, long start, long end, int target) {
    long at = start;
    while (at < end) {
      long count = Linux.copyFileRange(in, at, target, at, Math.min(CHUNK, end - at));
      if (count == -Errno.EINTR) {
        continue;
      }
      if (count == -Errno.ENOSPC || count == -Errno.EDQUOT || count == -Errno.EIO) {
        return (int) count;
      }
      if (count <= 0) {
        // Not between these file systems, or the file ends early: reading tells.
        return readWrite(source, at, end, target);
      }
      at += count;
    }
    return 0;
  }

  private static int readWrite(LayerFile source, long start, long end, int target) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
    long address = Memory.address(buffer);
    try {
      long at = start;
      while (at < end) {
        int count = source.read(address, (int) Math.min(BUFFER_SIZE, end - at), at);
        if (count < 0) {
          return count;
        }
        if (count == 0) {
          return 0;
        }
        int result = write(target, address, count, at);
        if (result < 0) {
          return result;
        }
        at += count;
      }
      return 0;
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  private static int write(int target, long address, int size, long offset) {
    int done = 0;
    while (done < size) {
      int count = Linux.pwrite(target, address + done, size - done, offset + done);
      if (count == -Errno.EINTR) {
        continue;
      }
      if (count < 0) {
        return count;
      }
      done += count;
    }
    return 0;
  }
}
