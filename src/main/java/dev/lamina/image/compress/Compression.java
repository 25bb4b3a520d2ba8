package dev.lamina.image.compress;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.lamina.image.BlockInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.MediaTypes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * The compression of a stream. Its first bytes tell which it is; media types and file names are not
 * relied on, since they are often wrong.
 */
public enum Compression {
  NONE("plain"),
  GZIP("gzip"),
  ZSTD("zstd"),
  XZ("xz");

  /** How many bytes from the beginning of a stream {@link #of(byte[], int)} needs. */
  public static final int MAGIC_SIZE = 6;

  /**
   * The largest window that a zstd frame may have, as a power of two in bytes: 128 MiB. This is the
   * default limit of the zstd program; RFC 8878, section 3.1.1.1.2, recommends to support at least
   * 8 MiB.
   */
  private static final int ZSTD_WINDOW_LOG = 27;

  /** The limit on the memory of the xz decoder, in KiB; {@code xz -9} needs 65 MiB. */
  private static final int XZ_MEMORY = 128 << 10;

  private final String word;

  Compression(String word) {
    this.word = word;
  }

  /** Returns the compression of contents that begin with some bytes. */
  public static Compression of(byte[] start, int length) {
    if (begins(start, length, 0x1f, 0x8b, 0x08)) {
      return GZIP;
    }
    // A skippable frame may come first (RFC 8878, section 3.1.2); pzstd writes one.
    boolean isSkippable =
        length >= 4
            && (start[0] & 0xf0) == 0x50
            && begins(start, length, start[0], 0x2a, 0x4d, 0x18);
    if (isSkippable || begins(start, length, 0x28, 0xb5, 0x2f, 0xfd)) {
      return ZSTD;
    }
    return begins(start, length, 0xfd, '7', 'z', 'X', 'Z', 0) ? XZ : NONE;
  }

  private static boolean begins(byte[] start, int length, int... magic) {
    if (length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (start[i] != (byte) magic[i]) {
        return false;
      }
    }
    return true;
  }

  /** Returns the media type of a layer with this compression. */
  public String layerType() {
    return switch (this) {
      case NONE -> MediaTypes.LAYER;
      case GZIP -> MediaTypes.LAYER_GZIP;
      case ZSTD -> MediaTypes.LAYER_ZSTD;
      // The specification does not have this type, but podman and umoci read it.
      case XZ -> MediaTypes.LAYER + "+xz";
    };
  }

  /**
   * Returns the decompressed contents of a stream, or its contents as they are when it is not
   * compressed. Several gzip members, zstd frames or xz streams one after another are read as one.
   * The memory used is bounded; the size of the contents is not. Damaged or truncated data, and
   * anything after their end, cause an {@link ImageException}; exceptions of {@code in} are passed
   * on unchanged.
   *
   * @param in is closed together with the returned stream; when this method throws, the caller must
   *     close it
   */
  public static InputStream decompressed(InputStream in) throws IOException {
    PushbackInputStream whole = new PushbackInputStream(in, MAGIC_SIZE);
    byte[] start = new byte[MAGIC_SIZE];
    int length = whole.readNBytes(start, 0, MAGIC_SIZE);
    whole.unread(start, 0, length);
    return of(start, length).decompress(whole);
  }

  private InputStream decompress(InputStream in) throws IOException {
    if (this == NONE) {
      return in;
    }
    // The decoder's own errors are translated for the user; those of the source must be passed on
    // unchanged, even where they are of the same class.
    Source source = new Source(in);
    try {
      return new Translated(this, source, decoder(source));
    } catch (IOException e) {
      throw translated(source, e);
    }
  }

  private InputStream decoder(InputStream in) throws IOException {
    return switch (this) {
      case GZIP -> new GzipInput(in);
      case ZSTD -> new ZstdInputStreamNoFinalizer(in).setLongMax(ZSTD_WINDOW_LOG);
      case XZ -> new XZInputStream(in, XZ_MEMORY);
      case NONE -> throw new IllegalStateException("not compressed");
    };
  }

  private IOException translated(Source source, IOException e) {
    if (e == source.failure || e instanceof ImageException) {
      return e;
    }
    if (e instanceof EOFException || source.hasEnded && e instanceof ZstdIOException) {
      return new ImageException("the " + word + " data end too early: they are truncated", e);
    }
    if (e instanceof XZIOException || e instanceof ZstdIOException) {
      return new ImageException(
          "the " + word + " data cannot be decompressed: " + e.getMessage(), e);
    }
    return e;
  }

  /**
   * The compressed stream, which remembers the exception that it has thrown and whether it has
   * ended.
   */
  private static final class Source extends BlockInput {
    IOException failure;
    boolean hasEnded;

    Source(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        int read = in.read(buffer, offset, length);
        hasEnded |= read < 0;
        return read;
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }

  /** A decoder whose exceptions are translated. */
  private static final class Translated extends BlockInput {
    private final Compression compression;
    private final Source source;

    Translated(Compression compression, Source source, InputStream decoder) {
      super(decoder);
      this.compression = compression;
      this.source = source;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return in.read(buffer, offset, length);
      } catch (IOException e) {
        throw compression.translated(source, e);
      }
    }
  }
}
