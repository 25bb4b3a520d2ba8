package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Descriptor;
import dev.lamina.image.DigestingOutput;
import dev.lamina.image.ImageException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** An archive of images as it is written: the same contents give the same bytes. */
final class TarOutput implements Closeable {
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;
  private static final int BUFFER = 128 << 10;

  private final TarArchiveOutputStream tar;

  /** The stream is the caller's to close, after this. */
  TarOutput(OutputStream out) {
    tar = new TarArchiveOutputStream(out, UTF_8.name());
    // Layers may have more than the 8 GiB that a header of the first format can tell.
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  void directory(String name) throws IOException {
    start(new TarArchiveEntry(name + "/", TarConstants.LF_DIR), DIRECTORY_MODE, 0);
    tar.closeArchiveEntry();
  }

  void file(String name, byte[] bytes) throws IOException {
    start(new TarArchiveEntry(name, TarConstants.LF_NORMAL), FILE_MODE, bytes.length);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  /**
   * Writes contents, and verifies them.
   *
   * @param expected digest and size of what {@code in} gives
   */
  void file(String name, Descriptor expected, InputStream in) throws IOException {
    start(new TarArchiveEntry(name, TarConstants.LF_NORMAL), FILE_MODE, expected.size());
    DigestingOutput out = new DigestingOutput(tar, expected.digest());
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      if (n > expected.size() - out.count()) {
        throw new ImageException(
            expected.digest() + " has more than the " + expected.size() + " bytes announced");
      }
      out.write(buffer, 0, n);
    }
    if (out.count() != expected.size() || !out.digest().equals(expected.digest())) {
      throw new ImageException(
          "what should be " + expected.digest() + " is something else, or not whole");
    }
    tar.closeArchiveEntry();
  }

  private void start(TarArchiveEntry entry, int mode, long size) throws IOException {
    entry.setSize(size);
    entry.setMode(mode);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
  }

  /** Writes the end. */
  void finish() throws IOException {
    tar.finish();
    tar.flush();
  }

  @Override
  public void close() {
    // Closing the stream would write an end, also where an error has made it none.
  }
}
