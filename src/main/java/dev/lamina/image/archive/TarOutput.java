package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Descriptor;
import dev.lamina.image.DigestingOutput;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes the tar of an archive of images. The same members always give the same bytes. */
final class TarOutput implements Closeable {
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;
  private static final int BUFFER = 128 << 10;

  private final TarArchiveOutputStream tar;

  /** Writes to a stream that the caller closes after this object. */
  TarOutput(OutputStream out) {
    tar = new TarArchiveOutputStream(out, UTF_8.name());
    // A layer may be larger than 8 GiB, which the size field of a ustar header cannot hold.
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
   * Writes content and verifies it.
   *
   * @param expected the digest and size of what {@code in} returns
   */
  void file(String name, Descriptor expected, InputStream in) throws IOException {
    start(new TarArchiveEntry(name, TarConstants.LF_NORMAL), FILE_MODE, expected.size());
    DigestingOutput out = new DigestingOutput(tar, expected.digest());
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      expected.checkFits(out.count() + n);
      out.write(buffer, 0, n);
    }
    expected.verify(out.digest(), out.count());
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

  /** Writes the end of the archive. */
  void finish() throws IOException {
    tar.finish();
    tar.flush();
  }

  @Override
  public void close() {
    // Closing the stream would write the end of an archive, even after an error.
  }
}
