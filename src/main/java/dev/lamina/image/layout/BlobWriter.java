package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingOutput;
import dev.lamina.image.ImageException;
import dev.lamina.image.file.HostFile;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Contents on their way into a layout: a temporary file beside the blobs, which gets its place and
 * name once all is written and verified. Closed before {@link #commit}, it leaves nothing.
 *
 * <p>The file is locked (flock(2)) while it is written to, so that one that a process left when it
 * was killed can be told from one in use.
 */
public final class BlobWriter extends OutputStream {
  static final String PREFIX = ".lamina-";

  private static final int MODE = 0666;
  private static final int MOST_TRIES = 100;

  private final Path layout;
  private final Descriptor expected;
  private final Fd blobs;
  private final Fd file;
  private final DigestingOutput out;
  private String temporary;
  private boolean isClosed;

  /**
   * @param expected what the contents must be; null when that is not known yet
   */
  BlobWriter(Path layout, Descriptor expected) throws IOException {
    this.layout = layout;
    this.expected = expected;
    try (Fd root = HostFile.openDirectory(layout)) {
      blobs = subdirectory(root, LayoutSource.BLOBS, HostPaths.text(layout));
    }
    try {
      file = create();
    } catch (IOException e) {
      blobs.close();
      throw e;
    }
    try {
      OutputStream plain = HostFile.output(file, layout + "/" + LayoutSource.BLOBS);
      out =
          expected == null
              ? new DigestingOutput(plain)
              : new DigestingOutput(plain, expected.digest());
    } catch (IOException e) {
      discard();
      throw e;
    }
  }

  private Fd create() throws IOException {
    for (int i = 0; i < MOST_TRIES; i++) {
      temporary = PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong());
      int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      int opened = Linux.openat(blobs.number(), HostFile.name(temporary), flags, MODE);
      HostFile.check("create a file in", layout + "/" + LayoutSource.BLOBS, opened);
      Fd created = new Fd(opened);
      int result = Linux.flock(opened, Linux.LOCK_EX | Linux.LOCK_NB);
      if (result == 0 && HostFile.stat(created, temporary).nlink > 0) {
        return created;
      }
      // Whoever tidies up took it for one left over, in the moment before it was locked.
      Linux.unlinkat(blobs.number(), HostFile.name(temporary), 0);
      created.close();
      if (result < 0 && result != -Errno.EAGAIN) {
        throw HostFile.failed("lock a file in", layout + "/" + LayoutSource.BLOBS, -result);
      }
    }
    throw new ImageException(
        "a file in " + HostPaths.text(layout) + " was removed each time it was to be written to");
  }

  /**
   * A directory in another one, made when it is missing; a symbolic link is not followed. The
   * descriptor is the caller's to close.
   */
  static Fd subdirectory(Fd parent, String name, String shown) throws IOException {
    byte[] bytes = HostFile.name(name);
    int made = Linux.mkdirat(parent.number(), bytes, 0777);
    if (made == 0) {
      HostFile.sync(parent, shown);
    } else if (made != -Errno.EEXIST && made != -Errno.EROFS) {
      throw HostFile.failed("create", shown + "/" + name, -made);
    }
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int opened = Linux.openat(parent.number(), bytes, flags, 0);
    HostFile.check("open", shown + "/" + name, opened);
    return new Fd(opened);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    if (expected != null && length > expected.size() - out.count()) {
      throw new ImageException(
          expected.digest() + " has more than the " + expected.size() + " bytes announced");
    }
    out.write(buffer, offset, length);
  }

  /** The bytes written so far. */
  public long count() {
    return out.count();
  }

  /**
   * Whether what was written is what was expected, to be asked once: the contents are then either
   * committed by {@link #commit} instead, or given up.
   *
   * @return their digest
   * @throws ImageException when they are not what was expected
   */
  public Digest verify() throws IOException {
    Digest digest = out.digest();
    if (expected != null) {
      if (out.count() != expected.size()) {
        throw new ImageException(
            expected.digest()
                + " has "
                + out.count()
                + " bytes, and "
                + expected.size()
                + " were announced");
      }
      if (!digest.equals(expected.digest())) {
        throw new ImageException("what should be " + expected.digest() + " is " + digest);
      }
    }
    return digest;
  }

  /**
   * Gives the contents their place, after which no crash loses them.
   *
   * @return their digest
   * @throws ImageException when they are not what was expected
   */
  public Digest commit() throws IOException {
    Digest digest = verify();
    String shown = HostPaths.text(layout) + "/" + LayoutSource.path(digest);
    HostFile.sync(file, shown);
    try (Fd directory =
        subdirectory(blobs, digest.algorithm(), layout + "/" + LayoutSource.BLOBS)) {
      HostFile.check(
          "create",
          shown,
          Linux.renameat2(
              blobs.number(),
              HostFile.name(temporary),
              directory.number(),
              HostFile.name(digest.hex()),
              0));
      isClosed = true;
      out.close();
      file.close();
      blobs.close();
      HostFile.sync(directory, shown);
    }
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
    Linux.unlinkat(blobs.number(), HostFile.name(temporary), 0);
    file.close();
    blobs.close();
  }
}
