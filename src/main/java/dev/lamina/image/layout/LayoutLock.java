package dev.lamina.image.layout;

import dev.lamina.image.Digest;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The lock under which a layout's index is changed, against other threads and processes of Lamina:
 * flock(2) on a file beside the index, which is not removed. Other tools neither take the lock nor
 * are hindered by it. They replace the index as a whole, as Lamina does, so an index is never a
 * mixture of two; but of two changes made at the same moment, one may be lost.
 */
final class LayoutLock implements AutoCloseable {
  static final String FILE = ".lamina.lock";

  private static final int MODE = 0666;

  private final String layout;
  private final Fd root;
  private final FileLock lock;

  /** Waits for the lock and holds it until this object is closed. */
  LayoutLock(Path layout) throws IOException {
    this.layout = HostPaths.text(layout);
    root = HostFile.at(layout).openDirectory();
    try {
      lock = FileLock.exclusive(file(FILE), MODE);
    } catch (IOException e) {
      root.close();
      throw e;
    }
  }

  private HostFile file(String name) {
    return HostFile.in(root, name, layout);
  }

  /**
   * Replaces a file in the layout's root directory. After a crash it is the old file or the new
   * one.
   *
   * @param temporary the name under which it is written; the lock makes one name sufficient
   */
  void replace(String temporary, String name, byte[] bytes) throws IOException {
    HostFile file = file(name);
    HostFile unfinished = file.sibling(temporary);
    unfinished.remove();
    unfinished.create(MODE, bytes);
    unfinished.moveTo(file);
  }

  /** Removes the temporary file that a killed process left, if there is one. */
  void discard(String temporary) throws IOException {
    file(temporary).remove();
  }

  /**
   * Syncs the names of all blobs, so that what is about to be named in the index survives a crash.
   * The directory of SHA-256 blobs is created if it is missing.
   */
  void syncBlobs() throws IOException {
    HostFile blobs = file(LayoutSource.BLOBS);
    try (Fd directory = blobs.createDirectory()) {
      for (String algorithm : Digest.ALGORITHMS) {
        HostFile ofAlgorithm = HostFile.in(directory, algorithm, blobs.toString());
        try (Fd fd =
            algorithm.equals(Digest.SHA256)
                ? ofAlgorithm.createDirectory()
                : ofAlgorithm.openDirectoryIfExists()) {
          if (fd != null) {
            HostFile.sync(fd, ofAlgorithm.toString());
          }
        }
      }
    }
  }

  @Override
  public void close() {
    lock.close();
    root.close();
  }
}
