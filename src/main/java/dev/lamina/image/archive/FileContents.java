package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import java.io.IOException;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The data of an archive's files, from the archive into the file; what is only zeros is a hole. */
final class FileContents implements AutoCloseable {
  private static final int SIZE = 256 << 10;

  /** Bytes of zeros from which a hole is made: less would not save a system call. */
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

  /** The sizes of all files so far, in bytes. */
  long total() {
    return total;
  }

  /** Makes a file, which must not be there: its descriptor or the negative errno. */
  int create(int dirfd, byte[] name) {
    return Linux.openat(dirfd, name, FLAGS, 0600);
  }

  /** Writes the current entry's data into an empty file. */
  void write(
      TarArchiveInputStream tar, PaxBytes bytes, int fd, TarArchiveEntry entry, EntryPath path)
      throws IOException {
    long size = entry.getRealSize();
    total += size;
    if (size < 0 || total < 0) {
      throw new ImageException(path + ": no file can have its size");
    }
    limits.checkBytes(total);
    long at = 0;
    boolean endsInHole = false;
    int filled;
    while ((filled = fill(tar, bytes)) > 0) {
      at += filled;
      if (at > size) {
        throw new ImageException(path + ": more data than its size");
      }
      endsInHole = false;
      for (int from = 0; from < filled; ) {
        int length = stretch(from, filled);
        boolean isHole = isZero(from, length);
        if (isHole) {
          LayerTree.check(seek(fd, length), path, null);
        } else {
          writeAll(fd, from, length, path);
        }
        endsInHole = isHole;
        from += length;
      }
    }
    if (at < size) {
      throw new ImageException(path + ": the archive is cut off in its data");
    }
    if (endsInHole) {
      LayerTree.check(Linux.ftruncate(fd, size), path, "its size");
    }
  }

  /** The bytes from {@code from} on that are all data or all hole, in blocks of {@link #HOLE}. */
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
      // Also small files of zeros alone are written.
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

  private static int seek(int fd, int length) {
    long result = Linux.lseek(fd, length, Linux.SEEK_CUR);
    return result < 0 ? (int) result : 0;
  }

  private int fill(TarArchiveInputStream tar, PaxBytes bytes) throws IOException {
    int filled = 0;
    try {
      while (filled < SIZE) {
        int read = tar.read(buffer, filled, SIZE - filled);
        if (read < 0) {
          break;
        }
        filled += read;
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw bytes.explained(e);
    }
    return filled;
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
