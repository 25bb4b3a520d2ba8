package dev.lamina.image.compress;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses gzip members (RFC 1952), one after another until the stream ends.
 *
 * <p>Java's own class takes a moment in which a connection has no bytes available for the end of
 * the stream, and ignores damage in the header of a later member; commons-compress keeps a member's
 * file name in memory, however long it is.
 */
final class GzipInput extends BlockInput {
  private static final int BUFFER = 64 << 10;

  private static final int FLAG_HEADER_CRC = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;
  private static final int FLAGS_RESERVED = 0xe0;

  private final InputStream compressed;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int limit;
  private boolean isAtEnd;
  private boolean isClosed;

  /** Reads the first header. Closing this stream closes the compressed one. */
  GzipInput(InputStream compressed) throws IOException {
    this.compressed = compressed;
    try {
      readHeader(readByte());
    } catch (IOException e) {
      inflater.end();
      throw e;
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (isClosed) {
      throw new IOException("the stream is closed");
    }
    if (length == 0) {
      return 0;
    }
    while (!isAtEnd) {
      int count = inflate(target, offset, length);
      if (count > 0) {
        crc.update(target, offset, count);
        return count;
      }
      if (inflater.finished()) {
        finishMember();
      } else if (inflater.needsDictionary()) {
        throw new ImageException("the gzip data are damaged: they need a preset dictionary");
      } else {
        fill();
        inflater.setInput(buffer, 0, limit);
      }
    }
    return -1;
  }

  private int inflate(byte[] target, int offset, int length) throws ImageException {
    try {
      return inflater.inflate(target, offset, length);
    } catch (DataFormatException e) {
      throw new ImageException("the gzip data are damaged: " + e.getMessage(), e);
    }
  }

  private void finishMember() throws IOException {
    position = limit - inflater.getRemaining();
    long expectedCrc = readInt();
    long expectedSize = readInt();
    if (expectedCrc != crc.getValue()) {
      throw new ImageException("the gzip data are damaged: their checksum is wrong");
    }
    if (expectedSize != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ImageException("the gzip data are damaged: their size is wrong");
    }
    if (position == limit && !tryToFill()) {
      isAtEnd = true;
      return;
    }
    crc.reset();
    inflater.reset();
    readHeader(readByte());
    inflater.setInput(buffer, position, limit - position);
  }

  private void readHeader(int first) throws IOException {
    if (first != 0x1f || readByte() != 0x8b) {
      throw new ImageException("the gzip data are followed by other data");
    }
    if (readByte() != 8) {
      throw new ImageException("the gzip data use an unknown compression method");
    }
    int flags = readByte();
    if ((flags & FLAGS_RESERVED) != 0) {
      throw new ImageException("the gzip data have unknown flags");
    }
    // The modification time (4 bytes), the extra flags and the operating system.
    skip(6);
    if ((flags & FLAG_EXTRA) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & FLAG_NAME) != 0) {
      skipText();
    }
    if ((flags & FLAG_COMMENT) != 0) {
      skipText();
    }
    if ((flags & FLAG_HEADER_CRC) != 0) {
      skip(2);
    }
    inflater.setInput(buffer, position, limit - position);
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    while (readByte() != 0) {
      // File names and comments are not needed.
    }
  }

  private long readInt() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      value |= (long) readByte() << shift;
    }
    return value;
  }

  private int readByte() throws IOException {
    if (position == limit) {
      fill();
    }
    return buffer[position++] & 0xff;
  }

  private void fill() throws IOException {
    if (!tryToFill()) {
      throw new EOFException("the gzip data end too early");
    }
  }

  private boolean tryToFill() throws IOException {
    position = 0;
    limit = 0;
    int count = compressed.read(buffer, 0, BUFFER);
    limit = Math.max(count, 0);
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    if (!isClosed) {
      isClosed = true;
      inflater.end();
      compressed.close();
    }
  }
}
