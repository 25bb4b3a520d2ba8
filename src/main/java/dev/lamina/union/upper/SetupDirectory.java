package dev.lamina.union.upper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;

/**
 * A directory named in a mount's configuration, as the errors of setting the mount up show it.
 *
 * @param role the role of the directory in the mount, "upper directory" for example
 * @param path its path, as bytes
 */
public record SetupDirectory(String role, byte[] path) {
  private static final byte[] DOT = {'.'};

  /**
   * Opens the directory, which must be readable.
   *
   * @return an O_PATH descriptor, which the caller closes
   */
  public int open() throws MountException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int fd = Linux.openat(Linux.AT_FDCWD, path, flags, 0);
    if (fd < 0) {
      throw failure(fd);
    }
    int readable = Linux.openat(fd, DOT, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    if (readable < 0) {
      Linux.close(fd);
      throw failure(readable);
    }
    Linux.close(readable);
    return fd;
  }

  /** Returns an error that says which directory a call failed for, and why. */
  MountException failure(int result) {
    return new MountException(this + ": " + Errno.message(-result));
  }

  /**
   * Throws {@link #failure} if a call has failed.
   *
   * @param result a value or the negative errno
   */
  public void check(int result) throws MountException {
    if (result < 0) {
      throw failure(result);
    }
  }

  /** Returns the path, each byte as one character: messages are written out byte by byte. */
  public String quotedPath() {
    return new String(path, ISO_8859_1);
  }

  @Override
  public String toString() {
    return role + " " + quotedPath();
  }
}
