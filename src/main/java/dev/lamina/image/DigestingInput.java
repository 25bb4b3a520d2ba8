package dev.lamina.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Counts and digests what is read through it. */
public final class DigestingInput extends FilterInputStream {
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
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      digest.update((byte) value);
      count++;
    }
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    if (read > 0) {
      digest.update(buffer, offset, read);
      count += read;
    }
    return read;
  }

  @Override
  public long skip(long wanted) throws IOException {
    // What is skipped belongs to the digest, too.
    byte[] buffer = new byte[(int) Math.min(Math.max(wanted, 0), 1 << 16)];
    int read = buffer.length == 0 ? 0 : read(buffer, 0, buffer.length);
    return Math.max(read, 0);
  }

  @Override
  public boolean markSupported() {
    return false;
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
