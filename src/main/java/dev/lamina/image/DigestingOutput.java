package dev.lamina.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Counts and digests (SHA-256) what is written through it. */
public final class DigestingOutput extends FilterOutputStream {
  private final MessageDigest digest = Digest.start(Digest.SHA256);
  private long count;

  public DigestingOutput(OutputStream out) {
    super(out);
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

  /** The bytes written so far. */
  public long count() {
    return count;
  }

  /** Of all that was written; to be called once, at the end. */
  public Digest digest() {
    return Digest.of(Digest.SHA256, digest.digest());
  }
}
