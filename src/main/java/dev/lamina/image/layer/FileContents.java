package dev.lamina.image.layer;

import dev.lamina.image.ImageException;
import dev.lamina.image.tar.SparseMap;
import dev.lamina.image.tar.TarEntry;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Writes the data of files from an archive; long runs of zeros become holes. */
final class FileContents implements AutoCloseable {
  private static final int SIZE = 256 << 10;

  /** How many zeros make a hole; skipping fewer would not save a system call. */
  private static final int HOLE = 64 << 10;

  private static final int FLAGS =
      OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;

  private static final byte[] ZEROS = new byte[HOLE];

  private final UnpackLimits limits;
  private final byte[] buffer = new byte[SIZE];
  private final NativeMemory memory = new NativeMemory(SIZE);
  private long total;

  FileContents(UnpackLimits limits) {
    this.limits = limits;
  }

  /** Returns the sum of the sizes of all files so far, in bytes. */
  long total() {
    return total;
  }

  /** Creates a file, which must not exist yet, and returns its descriptor or the negative errno. */
  int create(int dirfd, byte[] name) {
    return Linux.openat(dirfd, name, FLAGS, 0600);
  }

  /** Writes an entry's data into an empty file. */
  void write(TarEntry entry, InputStream data, int fd, EntryPath path) throws IOException {
    SparseMap map = entry.sparse();
    long size = entry.size();
    total += size;
    if (total < 0) {
      throw new ImageException(path + ": the sizes of all files add up to more than 8 EiB");
    }
    limits.checkBytes(total);
    long end = 0;
    if (map == null) {
      end = writePart(data, fd, 0, size, path);
    } else {
      for (int part = 0; part < map.parts(); part++) {
        long written = writePart(data, fd, map.offset(part), map.length(part), path);
        end = Math.max(end, written);
      }
    }
    if (end < size) {
      LayerTree.check(Linux.ftruncate(fd, size), path, "its size");
    }
  }

  /**
   * Writes data from the archive at an offset in the file.
   *
   * @return the end of what was written, or 0 when nothing was
   */
  private long writePart(InputStream data, int fd, long offset, long length, EntryPath path)
      throws IOException {
    long written = 0;
    long at = offset;
    LayerTree.check(seek(fd, at), path, "its size");
    while (at < offset + length) {
      int filled = data.readNBytes(buffer, 0, (int) Math.min(SIZE, offset + length - at));
      for (int from = 0; from < filled; ) {
        int stretch = stretch(from, filled);
        at += stretch;
        if (isZero(from, stretch)) {
          LayerTree.check(seek(fd, at), path, "its size");
        } else {
          writeAll(fd, from, stretch, path);
          written = at;
        }
        from += stretch;
      }
    }
    return written;
  }

  /**
   * Returns how many bytes from {@code from} on are all data or all part of a hole, in blocks of
   * {@link #HOLE}.
   */
  private int stretch(int from, int filled) {
    int end = Math.min(from + HOLE, filled);
    boolean isHole = isZero(from, end - from);
    while (end < filled) {
      int next = Math.min(HOLE, filled - end);
      if (isZero(end, next) != isHole) {
        break;
      }
      end += next;
    }
    return end - from;
  }

  private boolean isZero(int from, int length) {
    if (length < HOLE) {
      // Small files are written even when they hold only zeros.
      return false;
    }
    for (int at = from; at < from + length; at += HOLE) {
      int end = Math.min(at + HOLE, from + length);
      if (!Arrays.equals(buffer, at, end, ZEROS, 0, end - at)) {
        return false;
      }
    }
    return true;
  }

  private static int seek(int fd, long offset) {
    long result = Linux.lseek(fd, offset, Linux.SEEK_SET);
    return result < 0 ? (int) result : 0;
  }

  private void writeAll(int fd, int from, int length, EntryPath path) throws ImageException {
    Memory.putBytes(memory.address(), buffer, from, length);
    int written = 0;
    while (written < length) {
      int result = Linux.write(fd, memory.address() + written, length - written);
      if (result != -Errno.EINTR) {
        written += LayerTree.check(result, path, null);
      }
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
