package dev.lamina.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that is read in blocks. A subclass implements the reading of a block; reading a single
 * byte and skipping use it. So a subclass that counts or verifies bytes does so for all of them, in
 * one place.
 *
 * <p>The stream does not support mark and reset. Unless a subclass does otherwise, closing it
 * closes the underlying stream, if there is one.
 */
public abstract class BlockInput extends FilterInputStream {
  private static final int LARGEST_SKIP = 64 << 10;

  /** Creates a stream without an underlying stream. */
  protected BlockInput() {
    this(InputStream.nullInputStream());
  }

  /**
   * @param in the underlying stream, as {@link #in}
   */
  protected BlockInput(InputStream in) {
    super(in);
  }

  @Override
  public abstract int read(byte[] buffer, int offset, int length) throws IOException;

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Skips one block at most: a caller of skip must expect fewer bytes than it asked for. */
  @Override
  public long skip(long wanted) throws IOException {
    byte[] buffer = new byte[(int) Math.min(Math.max(wanted, 0), LARGEST_SKIP)];
    return buffer.length == 0 ? 0 : Math.max(read(buffer, 0, buffer.length), 0);
  }

  @Override
  public final boolean markSupported() {
    return false;
  }
}
