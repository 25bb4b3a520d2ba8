package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingOutput;
import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Fd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Writes a blob into a layout: into a temporary file, which {@link #commit} renames to the blob's
 * digest once everything has been written and verified. A writer that is closed before that leaves
 * nothing.
 *
 * <p>The temporary file is locked (flock(2)) while it is in use, which distinguishes it from one
 * that a killed process has left.
 */
public final class BlobWriter extends OutputStream {
  private static final int MODE = 0666;
  private static final int MOST_TRIES = 100;

  private final Descriptor expected;
  private final String place;
  private final Fd blobs;
  private final HostFile temporary;
  private final Fd file;
  private final DigestingOutput out;
  private boolean isClosed;

  /** A temporary file that this process has locked. */
  private record Locked(HostFile file, Fd fd) {}

  /**
   * @param expected digest and size of the blob; null if they are not known yet
   */
  BlobWriter(Path layout, Descriptor expected) throws IOException {
    this.expected = expected;
    place = HostPaths.text(layout) + "/" + LayoutSource.BLOBS;
    blobs = openBlobs(layout);
    try {
      Locked locked = createTemporary();
      temporary = locked.file;
      file = locked.fd;
    } catch (IOException e) {
      blobs.close();
      throw e;
    }
    try {
      OutputStream plain = HostFile.output(file, temporary.toString());
      out =
          expected == null
              ? new DigestingOutput(plain)
              : new DigestingOutput(plain, expected.digest());
    } catch (IOException e) {
      discard();
      throw e;
    }
  }

  /** Opens the directory of a layout's blobs, and creates it if it is missing. */
  static Fd openBlobs(Path layout) throws IOException {
    try (Fd root = HostFile.at(layout).openDirectory()) {
      return HostFile.in(root, LayoutSource.BLOBS, HostPaths.text(layout)).createDirectory();
    }
  }

  private Locked createTemporary() throws IOException {
    for (int i = 0; i < MOST_TRIES; i++) {
      HostFile created = HostFile.in(blobs, HostFile.temporaryName(), place);
      Fd fd = created.create(MODE);
      boolean isLocked = false;
      try {
        // Before it is locked, removeAbandoned may take it for one that was left.
        isLocked =
            FileLock.tryLock(fd, created.toString())
                && HostFile.stat(fd, created.toString()).nlink > 0;
        if (isLocked) {
          return new Locked(created, fd);
        }
      } finally {
        if (!isLocked) {
          created.discard();
          fd.close();
        }
      }
    }
    throw new ImageException(
        "cannot write to "
            + Messages.quote(place)
            + ": another process removed each of "
            + MOST_TRIES
            + " temporary files");
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    if (expected != null) {
      expected.checkFits(out.count() + length);
    }
    out.write(buffer, offset, length);
  }

  /** The number of bytes written so far. */
  public long count() {
    return out.count();
  }

  /**
   * Checks that the bytes written are those expected. It may be called once; {@link #commit} does
   * it itself.
   *
   * @return their digest
   * @throws ImageException if they have another digest or size
   */
  public Digest verify() throws IOException {
    Digest digest = out.digest();
    if (expected != null) {
      expected.verify(digest, out.count());
    }
    return digest;
  }

  /**
   * Puts the blob in place. It survives a crash from then on.
   *
   * @return its digest
   * @throws ImageException if its digest or size is not the one expected
   */
  public Digest commit() throws IOException {
    Digest digest = verify();
    HostFile.sync(file, temporary.toString());
    HostFile ofAlgorithm = HostFile.in(blobs, digest.algorithm(), place);
    try (Fd directory = ofAlgorithm.createDirectory()) {
      temporary.moveTo(HostFile.in(directory, digest.hex(), ofAlgorithm.toString()));
    }
    isClosed = true;
    out.close();
    file.close();
    blobs.close();
    return digest;
  }

  @Override
  public void close() throws IOException {
    if (!isClosed) {
      isClosed = true;
      try {
        out.close();
      } finally {
        discard();
      }
    }
  }

  private void discard() {
    temporary.discard();
    file.close();
    blobs.close();
  }
}
