package dev.lamina.image.archive;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens a tar for reading at any offset. A regular file that is not compressed is opened as it is.
 * A compressed file or a pipe is first copied to a temporary file without a name, whose space is
 * freed when it is closed or the process ends.
 */
final class Spool {
  /** Stands for standard input and standard output. */
  static final Path STANDARD = Path.of("-");

  private static final int BUFFER = 256 << 10;

  /**
   * How many times larger than the compressed archive its content may be, if it has more than
   * {@link #ALWAYS_ALLOWED} bytes. A higher ratio is that of an archive made to fill a disk.
   * Deflate reaches 1032 with zeros only.
   */
  private static final int LARGEST_RATIO = 500;

  private static final long ALWAYS_ALLOWED = 256L << 20;

  private Spool() {}

  /**
   * Opens an archive.
   *
   * @param file as the user named it, or {@link #STANDARD}
   * @param temporary a directory for a copy, if one is needed
   * @return a descriptor that the caller closes
   */
  static Fd open(Path file, Path temporary) throws IOException {
    String shown = shown(file);
    if (file.equals(STANDARD)) {
      // Standard input stays open.
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
    Fd fd = HostFile.at(file).openForReading();
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

  /** Returns an archive's name for messages, quoted. */
  static String shown(Path file) {
    return file.equals(STANDARD) ? "standard input" : Messages.quote(HostPaths.text(file));
  }

  /** Returns an archive's name as users write it, each byte as a character. */
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
    try (OutputStream out =
            HostFile.output(fd, "a copy of " + shown + " in " + HostPaths.text(temporary));
        InputStream tar = Compression.decompressed(counted)) {
      byte[] buffer = new byte[BUFFER];
      long size = 0;
      for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
        size += n;
        if (size > ALWAYS_ALLOWED && size / LARGEST_RATIO > counted.count) {
          throw new ImageException(
              shown
                  + " is refused: its content is more than "
                  + LARGEST_RATIO
                  + " times larger than the compressed file");
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
    try (Fd directory = HostFile.at(temporary).openDirectory()) {
      HostFile file = HostFile.in(directory, HostFile.temporaryName(), HostPaths.text(temporary));
      Fd fd = file.create(0600);
      try {
        file.remove();
        return fd;
      } catch (IOException e) {
        fd.close();
        throw e;
      }
    }
  }

  /** Counts the bytes read, and leaves the underlying stream open for the caller to close. */
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
      // The decoder is closed to free its memory, and closes this stream with it.
    }
  }
}
