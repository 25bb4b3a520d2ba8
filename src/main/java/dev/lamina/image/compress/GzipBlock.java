package dev.lamina.image.compress;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;

/**
 * A block of data that is compressed by itself, with the end of the block before it as a
 * dictionary. One thread at a time uses it, and it is reused for other blocks.
 */
final class GzipBlock implements AutoCloseable {
  /** How far back deflate can refer, in bytes (RFC 1951, section 2). */
  private static final int WINDOW = 32 << 10;

  private final byte[] data;

  /** Data that cannot be compressed grows by five bytes for every 16 KiB or so. */
  private final byte[] compressed;

  private final byte[] dictionary = new byte[WINDOW];
  private final Deflater deflater;
  private int length;
  private int dictionaryLength;
  private int compressedLength;

  /**
   * @param size the number of bytes that the block holds, at least {@link #WINDOW}
   */
  GzipBlock(int size, int level) {
    data = new byte[size];
    compressed = new byte[size + size / 16 + 1024];
    deflater = new Deflater(level, true);
  }

  /** Empties this block and makes it the successor of another one, which is full. */
  void continueAfter(GzipBlock other) {
    clear();
    dictionaryLength = WINDOW;
    System.arraycopy(other.data, other.length - WINDOW, dictionary, 0, WINDOW);
  }

  void clear() {
    length = 0;
    dictionaryLength = 0;
  }

  boolean isFull() {
    return length == data.length;
  }

  /** Takes as many bytes as there is room for, and returns their number. */
  int add(byte[] buffer, int offset, int wanted) {
    int count = Math.min(wanted, data.length - length);
    System.arraycopy(buffer, offset, data, length, count);
    length += count;
    return count;
  }

  /**
   * Compresses the data and ends at a byte boundary; the last block also ends the compressed
   * stream.
   */
  void compress(boolean isLast) {
    deflater.reset();
    if (dictionaryLength > 0) {
      deflater.setDictionary(dictionary, 0, dictionaryLength);
    }
    deflater.setInput(data, 0, length);
    if (isLast) {
      deflater.finish();
    }
    int flush = isLast ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH;
    compressedLength = deflater.deflate(compressed, 0, compressed.length, flush);
    boolean isWhole = isLast ? deflater.finished() : compressedLength < compressed.length;
    if (!isWhole) {
      throw new IllegalStateException(
          "the compressed form of " + length + " bytes does not fit into its buffer");
    }
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(compressed, 0, compressedLength);
  }

  @Override
  public void close() {
    deflater.end();
  }
}
