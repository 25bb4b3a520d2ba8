package dev.lamina.image.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Opens files and directories of the host's, where the user named one or a directory that he named
 * holds it. Descriptors are the caller's to close.
 */
public final class HostFile {
  private static final String DESCRIPTORS = "/proc/self/fd/";

  private HostFile() {}

  /** Bytes of a name of ours, which is ASCII. */
  public static byte[] name(String name) {
    return name.getBytes(ISO_8859_1);
  }

  /** A directory that the user named; a symbolic link is followed. */
  public static Fd openDirectory(Path path) throws IOException {
    int fd =
        Linux.openat(
            Linux.AT_FDCWD, HostPaths.bytes(path), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    if (fd < 0) {
      throw failed("open", HostPaths.text(path), -fd);
    }
    return new Fd(fd);
  }

  /**
   * A regular file beneath a directory, without following any symbolic link, and without waiting
   * should it be a fifo.
   *
   * @param path relative, without {@code ..}
   * @param shown the directory, for messages
   * @return null when there is none
   */
  public static Fd openBeneath(Fd directory, String path, Path shown) throws IOException {
    int fd =
        Linux.openat2(
            directory.number(),
            name(path),
            OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK,
            0,
            Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_SYMLINKS);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
      return null;
    }
    String file = HostPaths.text(shown) + "/" + path;
    if (fd == -Errno.ELOOP) {
      throw new ImageException(
          Words.quote(file) + " is a symbolic link or lies behind one, which is not followed");
    }
    if (fd < 0) {
      throw failed("open", file, -fd);
    }
    Fd opened = new Fd(fd);
    if (!stat(opened, file).isRegular()) {
      opened.close();
      throw new ImageException(Words.quote(file) + " is not a regular file");
    }
    return opened;
  }

  public static Stat stat(Fd fd, String shown) throws IOException {
    Stat stat = new Stat();
    check("look at", shown, Linux.fstat(fd.number(), stat));
    return stat;
  }

  /**
   * A stream from a byte on, with a position of its own. It stays open when the descriptor is
   * closed.
   */
  public static InputStream input(Fd fd, long offset) throws IOException {
    FileInputStream in = new FileInputStream(DESCRIPTORS + fd.number());
    try {
      in.getChannel().position(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /**
   * A stream into a file that is empty. It stays open when the descriptor is closed.
   *
   * @param shown names the file in errors, which of Java's have no word of it
   */
  public static OutputStream output(Fd fd, String shown) throws IOException {
    return new FileOutputStream(DESCRIPTORS + fd.number()) {
      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        try {
          super.write(buffer, offset, length);
        } catch (IOException e) {
          throw new IOException("cannot write " + Words.quote(shown) + ": " + e.getMessage(), e);
        }
      }

      @Override
      public void write(byte[] buffer) throws IOException {
        write(buffer, 0, buffer.length);
      }
    };
  }

  /**
   * Writes out what a descriptor refers to, a file's data or a directory's names; until then a
   * crash may lose it.
   */
  public static void sync(Fd fd, String shown) throws IOException {
    check("write", shown, Linux.fsync(fd.number()));
  }

  public static void check(String action, String shown, int result) throws IOException {
    if (result < 0) {
      throw failed(action, shown, -result);
    }
  }

  public static ImageException failed(String action, String shown, int errno) {
    return new ImageException(
        "cannot " + action + " " + Words.quote(shown) + ": " + Errno.message(errno));
  }
}
