package dev.lamina.image.layout;

import dev.lamina.image.Digest;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * The lock under which a layout's index is changed, against other threads and processes of Lamina:
 * flock(2) of a file beside the index, which stays there. Other tools neither take it nor mind it;
 * they replace the index whole, as Lamina does, so that it is never half of one and half of
 * another, but of two changes at the same moment one may be lost.
 */
final class LayoutLock implements AutoCloseable {
  static final String FILE = ".lamina.lock";

  private static final int MODE = 0666;

  private final Path layout;
  private final Fd root;
  private final Fd lock;

  /** Waits for the lock; it is held until this is closed. */
  LayoutLock(Path layout) throws IOException {
    this.layout = layout;
    root = HostFile.openDirectory(layout);
    try {
      lock = acquire();
    } catch (IOException e) {
      root.close();
      throw e;
    }
  }

  private Fd acquire() throws IOException {
    String shown = HostPaths.text(layout) + "/" + FILE;
    int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
    int opened = Linux.openat(root.number(), HostFile.name(FILE), flags, MODE);
    HostFile.check("open", shown, opened);
    Fd file = new Fd(opened);
    int result = Linux.flock(opened, Linux.LOCK_EX);
    if (result < 0) {
      file.close();
      throw HostFile.failed("lock", shown, -result);
    }
    return file;
  }

  /**
   * Writes a file of the layout's root, which after this is the new one whole, whatever happens,
   * and before it the old one.
   *
   * @param temporary its name until then; under the lock one is enough
   */
  void replace(String temporary, String name, byte[] bytes) throws IOException {
    String shown = HostPaths.text(layout) + "/" + name;
    byte[] from = HostFile.name(temporary);
    discard(temporary);
    int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    int opened = Linux.openat(root.number(), from, flags, MODE);
    HostFile.check("write", shown, opened);
    try (Fd file = new Fd(opened)) {
      try (OutputStream out = HostFile.output(file, shown)) {
        out.write(bytes);
      }
      HostFile.sync(file, shown);
    }
    HostFile.check(
        "write",
        shown,
        Linux.renameat2(root.number(), from, root.number(), HostFile.name(name), 0));
    HostFile.sync(root, shown);
  }

  /** Removes a temporary file that a killed process left, if there is one. */
  void discard(String temporary) throws IOException {
    int removed = Linux.unlinkat(root.number(), HostFile.name(temporary), 0);
    if (removed < 0 && removed != -Errno.ENOENT) {
      throw HostFile.failed("remove", layout + "/" + temporary, -removed);
    }
  }

  /** Makes the directories of contents, where they are missing, and their names last. */
  void syncBlobs() throws IOException {
    String shown = HostPaths.text(layout) + "/" + LayoutSource.BLOBS;
    try (Fd blobs = BlobWriter.subdirectory(root, LayoutSource.BLOBS, HostPaths.text(layout));
        Fd directory = BlobWriter.subdirectory(blobs, Digest.SHA256, shown)) {
      HostFile.sync(directory, shown);
    }
  }

  @Override
  public void close() {
    lock.close();
    root.close();
  }
}
