package dev.lamina.layer;

import dev.lamina.sys.Append;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;

/** A regular file with a descriptor that it owns. */
public final class FdFile implements LayerFile {
  private final Fd fd;

  /** Takes ownership of {@code fd}. */
  public FdFile(int fd) {
    this.fd = new Fd(fd);
  }

  @Override
  public int read(long address, int size, long offset) {
    int done = 0;
    while (done < size) {
      int count = Linux.pread(fd.number(), address + done, size - done, offset + done);
      if (count == -Errno.EINTR) {
        continue;
      }
      if (count < 0) {
        return done > 0 ? done : count;
      }
      if (count == 0) {
        break;
      }
      done += count;
    }
    return done;
  }

  /**
   * Writes to the file, and returns the number of bytes written, which is smaller than {@code size}
   * only if an error occurred after some, or the negative errno.
   */
  public int write(long address, int size, long offset) {
    return write(address, size, offset, false);
  }

  /** Does the same at the end of the file. What others append may come between two parts. */
  public int append(long address, int size) {
    return write(address, size, 0, true);
  }

  private int write(long address, int size, long offset, boolean appends) {
    int done = 0;
    while (done < size) {
      int count =
          appends
              ? Append.write(fd.number(), address + done, size - done)
              : Linux.pwrite(fd.number(), address + done, size - done, offset + done);
      if (count == -Errno.EINTR) {
        continue;
      }
      if (count <= 0) {
        return done > 0 ? done : count;
      }
      done += count;
    }
    return done;
  }

  @Override
  public int backingFd() {
    return fd.number();
  }

  @Override
  public void close() {
    fd.close();
  }
}
