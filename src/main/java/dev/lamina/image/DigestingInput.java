package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** A stream that counts and digests the bytes read through it. */
public final class DigestingInput extends BlockInput {
  private final String algorithm;
  private final MessageDigest digest;
  private long count;

  /** Uses the algorithm of the digest that is expected. */
  public DigestingInput(InputStream in, Digest expected) {
    super(in);
    algorithm = expected.algorithm();
    digest = expected.start();
  }

  /** Uses SHA-256. */
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

  /** Returns the number of bytes read so far. */
  public long count() {
    return count;
  }

  /** Returns the digest of all bytes read. It may be called once, at the end. */
  public Digest digest() {
    return Digest.of(algorithm, digest.digest());
  }
}
