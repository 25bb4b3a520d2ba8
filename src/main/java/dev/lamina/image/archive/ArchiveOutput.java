package dev.lamina.image.archive;

import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where an archive is written to. A regular file is written beside its place and renamed into it at
 * the end, so that it is whole or the one that was there before; standard output, a pipe or a
 * device is written to as it is.
 */
final class ArchiveOutput implements Closeable {
  private static final int BUFFER = 128 << 10;
  private static final int MODE = 0666;

  private final Path file;

  /** Null when it is written to as it is. */
  private final Path temporary;

  private final Fd fd;
  private final OutputStream out;
  private boolean isCommitted;

  /**
   * @param file the user's, or {@link Spool#STANDARD}
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
      // What a link leads to is replaced, not the link.
      this.file = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      String suffix = Long.toHexString(ThreadLocalRandom.current().nextLong());
      temporary = this.file.resolveSibling(".lamina-" + suffix);
      int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      int opened = Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(temporary), flags, MODE);
      HostFile.check("create", HostPaths.text(file), opened);
      fd = new Fd(opened);
      out = new BufferedOutputStream(HostFile.output(fd, file.toString()), BUFFER);
    }
  }

  /** Closed with this object. */
  OutputStream stream() {
    return out;
  }

  /** The archive is whole; what follows is {@link #close}. */
  void commit() throws IOException {
    out.flush();
    if (temporary != null) {
      HostFile.sync(fd, HostPaths.text(file));
      HostFile.check(
          "create",
          HostPaths.text(file),
          Linux.renameat2(
              Linux.AT_FDCWD,
              HostPaths.bytes(temporary),
              Linux.AT_FDCWD,
              HostPaths.bytes(file),
              0));
      try (Fd directory = HostFile.openDirectory(file.getParent())) {
        HostFile.sync(directory, HostPaths.text(file));
      }
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
        Files.deleteIfExists(temporary);
      }
    }
  }
}
