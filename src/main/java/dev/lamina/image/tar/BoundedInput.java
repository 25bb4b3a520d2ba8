package dev.lamina.image.tar;

import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream of a fixed number of bytes from another stream. It is an error when that ends before
 * them.
 */
public final class BoundedInput extends BlockInput {
  private final String what;
  private long left;

  /**
   * @param what the name of the contents, for messages
   */
  public BoundedInput(InputStream in, long size, String what) {
    super(in);
    this.what = what;
    left = size;
  }

  /** Returns how many bytes have not been read yet. */
  long left() {
    return left;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int read = in.read(buffer, offset, (int) Math.min(length, left));
    if (read < 0) {
      throw new ImageException(what + " ends " + left + " bytes too early: it is truncated");
    }
    left -= read;
    return read;
  }

  @Override
  public long skip(long wanted) throws IOException {
    long skipped = in.skip(Math.min(Math.max(wanted, 0), left));
    left -= skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(in.available(), left);
  }
}
