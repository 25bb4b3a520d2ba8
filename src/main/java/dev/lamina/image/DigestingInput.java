package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Counts and digests what is read through it. */
public final class DigestingInput extends BlockInput {
  private final String algorithm;
  private final MessageDigest digest;
  private long count;

  /** With the algorithm of a digest that is expected. */
  public DigestingInput(InputStream in, Digest expected) {
    super(in);
    algorithm = expected.algorithm();
    digest = expected.start();
  }

  /** With SHA-256. */
  public DigestingInput(InputStream in) {
    super(in);
    algorithm = Digest.SHA256;
    digest = Digest.start(algorithm);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      digest.update(buffer, offset, read);
      count += read;
    }
    return read;
  }

  /** The bytes read so far. */
  public long count() {
    return count;
  }

  /** Of all that was read; to be called once, at the end. */
  public Digest digest() {
    return Digest.of(algorithm, digest.digest());
  }
}
