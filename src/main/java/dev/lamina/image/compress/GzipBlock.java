package dev.lamina.image.compress;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;

/**
 * A piece of data that is compressed by itself, with the end of the piece before it as a
 * dictionary. Used by one thread at a time, and then again for another piece.
 */
final class GzipBlock implements AutoCloseable {
  /** As far as deflate looks back (RFC 1951, section 2). */
  private static final int WINDOW = 32 << 10;

  private final byte[] data;

  /** What does not shrink takes five bytes more for every 16 KiB or so. */
  private final byte[] compressed;

  private final byte[] dictionary = new byte[WINDOW];
  private final Deflater deflater;
  private int length;
  private int dictionaryLength;
  private int compressedLength;

  /**
   * @param size of the data, at least {@link #WINDOW}
   */
  GzipBlock(int size, int level) {
    data = new byte[size];
    compressed = new byte[size + size / 16 + 1024];
    deflater = new Deflater(level, true);
  }

  /** Empties it and makes it the one that follows another, which is full. */
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

  /** Takes what there is room for; how many bytes that was. */
  int add(byte[] buffer, int offset, int wanted) {
    int count = Math.min(wanted, data.length - length);
    System.arraycopy(buffer, offset, data, length, count);
    length += count;
    return count;
  }

  /** Compresses the data, up to a whole byte; the last one also ends the compressed stream. */
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
      throw new IllegalStateException("compressed data of " + length + " bytes takes more room");
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
