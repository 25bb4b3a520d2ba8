package dev.lamina.image.archive;

import dev.lamina.image.file.HostFile;
import dev.lamina.sys.Fd;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The destination of an archive. A regular file is written under a temporary name and renamed at
 * the end, so that the file is either the complete archive or the file that existed before.
 * Standard output, a pipe or a device is written directly.
 */
final class ArchiveOutput implements Closeable {
  private static final int BUFFER = 128 << 10;
  private static final int MODE = 0666;

  private final Path file;

  /** Null if the destination is written directly. */
  private final HostFile temporary;

  private final Fd fd;
  private final OutputStream out;
  private boolean isCommitted;

  /**
   * @param file as the user named it, or {@link Spool#STANDARD}
   */
  ArchiveOutput(Path file) throws IOException {
    if (file.equals(Spool.STANDARD)) {
      this.file = file;
      temporary = null;
      fd = null;
      out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER);
    } else if (Files.exists(file) && !Files.isRegularFile(file)) {
      this.file = file;
      temporary = null;
      fd = null;
      out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
    } else {
      // The target of a symbolic link is replaced, not the link.
      this.file = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      temporary = HostFile.at(this.file).sibling(HostFile.temporaryName());
      fd = temporary.create(MODE);
      out = new BufferedOutputStream(HostFile.output(fd, temporary.toString()), BUFFER);
    }
  }

  /** Returns the stream to write the archive to. It is closed with this object. */
  OutputStream stream() {
    return out;
  }

  /** Puts the complete archive in place. The caller closes this object afterwards. */
  void commit() throws IOException {
    out.flush();
    if (temporary != null) {
      HostFile.sync(fd, temporary.toString());
      temporary.moveTo(HostFile.at(file));
    }
    isCommitted = true;
  }

  @Override
  public void close() throws IOException {
    try {
      if (!file.equals(Spool.STANDARD)) {
        out.close();
      }
    } finally {
      if (fd != null) {
        fd.close();
      }
      if (temporary != null && !isCommitted) {
        temporary.remove();
      }
    }
  }
}
