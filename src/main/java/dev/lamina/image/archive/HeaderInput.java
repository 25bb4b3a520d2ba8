package dev.lamina.image.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import dev.lamina.sys.Fd;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A tar in a file as one reads its headers only: what is skipped is not read, and how much may be
 * read for one header is bounded, since names and PAX records of any length would be kept in
 * memory.
 */
final class HeaderInput extends InputStream {
  /** In bytes; a name has 4096 at most. */
  private static final int LONGEST_HEADER = 1 << 20;

  private final InputStream in;
  private final String shown;
  private final long size;
  private long position;
  private long headerLeft;

  /**
   * @param shown the archive, for messages, quoted
   */
  HeaderInput(Fd fd, String shown) throws IOException {
    this.shown = shown;
    size = HostFile.stat(fd, shown).size;
    in = HostFile.input(fd, 0);
  }

  /**
   * The next member's header.
   *
   * @param tar that reads this stream
   * @return null at the end
   */
  TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
    headerLeft = LONGEST_HEADER;
    try {
      return tar.getNextEntry();
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What the library finds wrong with a header reaches us as any of the two.
      throw new ImageException(
          shown + " is not a tar, or is damaged: " + Words.quote(String.valueOf(e.getMessage())),
          e);
    }
  }

  /** Where the member's data begin, after its header; in bytes. */
  long position() {
    return position;
  }

  /**
   * @throws ImageException when the tar ends before so many bytes more
   */
  void checkHolds(long bytes, String what) throws ImageException {
    if (bytes < 0 || bytes > size - position) {
      throw new ImageException(
          what
              + " would have "
              + bytes
              + " bytes, and the archive ends before them: it is truncated or damaged");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      position += read;
      headerLeft -= read;
      if (headerLeft < 0) {
        throw new ImageException(
            shown + " has a header of more than " + LONGEST_HEADER + " bytes, which is no image's");
      }
    }
    return read;
  }

  @Override
  public long skip(long wanted) throws IOException {
    long count = Math.min(wanted, size - position);
    if (count <= 0) {
      return 0;
    }
    in.skipNBytes(count);
    position += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
