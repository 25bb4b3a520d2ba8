package dev.lamina.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that is read in blocks: whoever extends it says how a block is read, and reading one
 * byte and skipping follow from that. So what it does with bytes, such as to count or to verify
 * them, it does with all, in one place.
 *
 * <p>It cannot be reset. Unless a subclass does otherwise, closing it closes the stream it reads
 * from, if it has one.
 */
public abstract class BlockInput extends FilterInputStream {
  private static final int LARGEST_SKIP = 64 << 10;

  /** Reads from no other stream. */
  protected BlockInput() {
    this(InputStream.nullInputStream());
  }

  /**
   * @param in what it reads from, as {@link #in}
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

  /** Reads one block at most, as skipping may end anywhere. */
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
