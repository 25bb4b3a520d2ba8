package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.utils.ArchiveUtils;

/**
 * A tar of which one wants the headers only: of a file, the data between them are not read.
 *
 * <p>The library reads each header with what belongs to it, and no more than that: it would read
 * all data to come to the next one, and keep names and PAX records of any length in memory. A
 * global PAX header counts for the next member only; those of images, git's for example, hold
 * comments.
 *
 * <p>Where programs differ, this does as Go's {@code archive/tar}, which docker, podman and skopeo
 * read archives with: only files have data, whatever the header of a link says, and after a block
 * of zeros there must be another one.
 */
public final class TarHeaders implements Closeable {
  /** The size of a stream that does not tell it. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  /**
   * In bytes; a name has 4096 at most. Headers that call for the next one are among them, for each
   * of which the library calls itself.
   */
  private static final int LONGEST_HEADER = 128 << 10;

  private static final int BLOCK = 512;

  private final InputStream archive;
  private final long size;
  private final String shown;
  private long position;
  private long next;
  private boolean isTar;

  /**
   * @param archive closed with this object
   * @param size in bytes, or {@link #UNKNOWN}
   * @param shown the archive, for messages, quoted
   */
  public TarHeaders(InputStream archive, long size, String shown) {
    this.archive = archive;
    this.size = size;
    this.shown = shown;
  }

  /**
   * The next member's header.
   *
   * @return null at the end
   * @throws ImageException when it is damaged, or the stream is no tar, or one that ends before the
   *     data that the header announces
   */
  public TarArchiveEntry next() throws IOException {
    skipTo(next);
    byte[] first = readBlock();
    if (first == null) {
      return null;
    }
    if (ArchiveUtils.isArrayZero(first, BLOCK)) {
      byte[] second = readBlock();
      if (second != null && !ArchiveUtils.isArrayZero(second, BLOCK)) {
        throw new ImageException(shown + " is damaged: something follows the end of the tar");
      }
      return null;
    }
    TarArchiveEntry entry = parse(first);
    isTar = true;
    long data = dataSize(entry);
    if (data < 0 || data > size - position) {
      throw new ImageException(
          Words.quote(entry.getName())
              + " in "
              + shown
              + " would have "
              + data
              + " bytes, and the archive ends before them: it is truncated or damaged");
    }
    next = data > Long.MAX_VALUE - position - BLOCK ? UNKNOWN : position + padded(data);
    return entry;
  }

  /** True once there was a header. */
  public boolean isTar() {
    return isTar;
  }

  private static long padded(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
  }

  private TarArchiveEntry parse(byte[] first) throws IOException {
    TarArchiveEntry entry;
    try {
      // Closing it would close the archive, and it holds nothing else.
      entry = new TarArchiveInputStream(new Header(first), ISO_8859_1.name()).getNextEntry();
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What the library finds wrong with a header reaches us as any of the two.
      throw damaged(Words.quote(String.valueOf(e.getMessage())), e);
    }
    if (entry == null) {
      throw damaged("it ends within a header", null);
    }
    if (!entry.isCheckSumOK()) {
      throw damaged("the checksum of a header is wrong", null);
    }
    return entry;
  }

  private ImageException damaged(String why, Exception cause) {
    return new ImageException(shown + " is not a tar, or is damaged: " + why, cause);
  }

  private long dataSize(TarArchiveEntry entry) throws ImageException {
    if (entry.isDirectory() && entry.getSize() != 0) {
      throw damaged(TarNames.directoryWithData(entry.getName()), null);
    }
    return isFile(entry) ? entry.getSize() : 0;
  }

  /** True for a file, in all formats, and nothing else that may have a name. */
  public static boolean isFile(TarArchiveEntry entry) {
    return !entry.isDirectory()
        && !entry.isLink()
        && !entry.isSymbolicLink()
        && !entry.isFIFO()
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice();
  }

  /** Of the first byte of the member's data. */
  public long position() {
    return position;
  }

  private void skipTo(long target) throws IOException {
    if (target > size) {
      throw new ImageException(shown + " is truncated: it ends within a block");
    }
    try {
      archive.skipNBytes(target - position);
    } catch (EOFException e) {
      throw new ImageException(shown + " is truncated: it ends within a file", e);
    }
    position = target;
  }

  /** Null at the end of the stream. */
  private byte[] readBlock() throws IOException {
    byte[] block = archive.readNBytes(BLOCK);
    position += block.length;
    if (block.length > 0 && block.length < BLOCK) {
      throw damaged("it ends within a header", null);
    }
    return block.length == 0 ? null : block;
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }

  /** A block that has been read, and what follows, up to a bound. */
  private final class Header extends BlockInput {
    private final byte[] first;
    private int used;
    private int left = LONGEST_HEADER;

    Header(byte[] first) {
      this.first = first;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = Math.min(length, BLOCK - used);
      if (count > 0) {
        System.arraycopy(first, used, buffer, offset, count);
        used += count;
        return count;
      }
      count = archive.read(buffer, offset, length);
      if (count > 0) {
        position += count;
        left -= count;
        if (left < 0) {
          throw new ImageException(
              shown
                  + " has a header of more than "
                  + LONGEST_HEADER
                  + " bytes, which is no image's");
        }
      }
      return count;
    }
  }
}
