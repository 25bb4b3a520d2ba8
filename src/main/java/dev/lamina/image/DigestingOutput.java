package dev.lamina.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** A stream that counts and digests the bytes written through it. */
public final class DigestingOutput extends FilterOutputStream {
  private final String algorithm;
  private final MessageDigest digest;
  private long count;

  /** Uses SHA-256. */
  public DigestingOutput(OutputStream out) {
    super(out);
    algorithm = Digest.SHA256;
    digest = Digest.start(algorithm);
  }

  /** Uses the algorithm of the digest that is expected. */
  public DigestingOutput(OutputStream out, Digest expected) {
    super(out);
    algorithm = expected.algorithm();
    digest = expected.start();
  }

  @Override
  public void write(int value) throws IOException {
    out.write(value);
    digest.update((byte) value);
    count++;
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    out.write(buffer, offset, length);
    digest.update(buffer, offset, length);
    count += length;
  }

  /** Returns the number of bytes written so far. */
  public long count() {
    return count;
  }

  /** Returns the digest of all bytes written. It may be called once, at the end. */
  public Digest digest() {
    return Digest.of(algorithm, digest.digest());
  }
}
