package dev.lamina.image.archive;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A tar that can be read at any place. A regular file that is not compressed is such a one; another
 * one, and what comes from a pipe, is first copied into a temporary file without a name, which
 * takes no room any more once it is closed, whatever happens to the process.
 */
final class Spool {
  /** Stands for standard input, and for standard output. */
  static final Path STANDARD = Path.of("-");

  private static final int BUFFER = 256 << 10;

  /**
   * How much larger than the compressed archive its contents may be, once they are larger than
   * {@link #ALWAYS_ALLOWED} bytes: what is more is made to fill a disk. Deflate reaches 1032 with
   * nothing but zeros.
   */
  private static final int LARGEST_RATIO = 500;

  private static final long ALWAYS_ALLOWED = 256L << 20;

  private Spool() {}

  /**
   * Opens an archive.
   *
   * @param file the user's, or {@link #STANDARD}
   * @param temporary a directory for a copy, should one be needed
   * @return the caller's to close
   */
  static Fd open(Path file, Path temporary) throws IOException {
    String shown = shown(file);
    if (file.equals(STANDARD)) {
      // Not ours to close.
      return copy(new FileInputStream(FileDescriptor.in), temporary, shown);
    }
    if (Files.isDirectory(file)) {
      throw new ImageException(shown + " is a directory, not an archive");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        return copy(in, temporary, shown);
      }
    }
    int opened =
        Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(file.toAbsolutePath()), OpenFlags.O_RDONLY, 0);
    HostFile.check("open", HostPaths.text(file), opened);
    Fd fd = new Fd(opened);
    try {
      if (!isCompressed(fd)) {
        return fd;
      }
      try (fd;
          InputStream in = HostFile.input(fd, 0)) {
        return copy(in, temporary, shown);
      }
    } catch (IOException e) {
      fd.close();
      throw e;
    }
  }

  /** For messages, quoted. */
  static String shown(Path file) {
    return file.equals(STANDARD) ? "standard input" : Words.quote(HostPaths.text(file));
  }

  /** As users write it, each byte as a character. */
  static String name(Path file) {
    return file.equals(STANDARD) ? file.toString() : HostPaths.text(file);
  }

  private static boolean isCompressed(Fd fd) throws IOException {
    try (InputStream in = HostFile.input(fd, 0)) {
      byte[] start = in.readNBytes(Compression.MAGIC_SIZE);
      return Compression.of(start, start.length) != Compression.NONE;
    }
  }

  private static Fd copy(InputStream in, Path temporary, String shown) throws IOException {
    Fd fd = create(temporary);
    Counted counted = new Counted(in);
    try (OutputStream out = HostFile.output(fd, "a copy of " + shown + " in " + temporary);
        InputStream tar = Compression.decompressed(counted)) {
      byte[] buffer = new byte[BUFFER];
      long size = 0;
      for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
        size += n;
        if (size > ALWAYS_ALLOWED && size / LARGEST_RATIO > counted.count) {
          throw new ImageException(
              shown + " is more than " + LARGEST_RATIO + " times as large as it looks, compressed");
        }
        out.write(buffer, 0, n);
      }
      return fd;
    } catch (IOException e) {
      fd.close();
      throw e instanceof ImageException ? new ImageException(shown + ": " + e.getMessage(), e) : e;
    }
  }

  private static Fd create(Path temporary) throws IOException {
    try (Fd directory = HostFile.openDirectory(temporary.toAbsolutePath())) {
      byte[] name =
          HostFile.name(".lamina-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
      int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      int opened = Linux.openat(directory.number(), name, flags, 0600);
      HostFile.check("create a file in", HostPaths.text(temporary), opened);
      Fd fd = new Fd(opened);
      int removed = Linux.unlinkat(directory.number(), name, 0);
      if (removed < 0) {
        fd.close();
        throw HostFile.failed("remove a file in", HostPaths.text(temporary), -removed);
      }
      return fd;
    }
  }

  /** Leaves what it reads open: that is the caller's. */
  private static final class Counted extends BlockInput {
    long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = in.read(buffer, offset, length);
      count += Math.max(read, 0);
      return read;
    }

    @Override
    public void close() {
      // The decoder, which is closed, has memory of its own.
    }
  }
}
