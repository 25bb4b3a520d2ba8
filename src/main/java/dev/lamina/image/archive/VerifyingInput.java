package dev.lamina.image.archive;

import dev.lamina.image.BlockInput;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;

/** A stream that throws at its end, instead of ending, if its bytes have the wrong digest. */
final class VerifyingInput extends BlockInput {
  private final DigestingInput digesting;
  private final Digest expected;
  private final String what;
  private boolean isVerified;
  private ImageException failure;

  /**
   * @param what the content, for messages
   */
  VerifyingInput(InputStream in, Digest expected, String what) {
    this(new DigestingInput(in, expected), expected, what);
  }

  private VerifyingInput(DigestingInput in, Digest expected, String what) {
    super(in);
    digesting = in;
    this.expected = expected;
    this.what = what;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    return length == 0 ? 0 : atEnd(in.read(buffer, offset, length));
  }

  private int atEnd(int read) throws ImageException {
    if (read < 0 && !isVerified) {
      isVerified = true;
      Digest found = digesting.digest();
      if (!found.equals(expected)) {
        failure =
            new ImageException(
                what + " is damaged: its digest is " + found + " instead of " + expected);
      }
    }
    if (read < 0 && failure != null) {
      throw failure;
    }
    return read;
  }
}
