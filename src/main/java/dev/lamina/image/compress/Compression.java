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
 * How a tar is compressed. Told by the first bytes and never by a label or a file's name, since
 * these are wrong often enough.
 */
public enum Compression {
  NONE("plain"),
  GZIP("gzip"),
  ZSTD("zstd"),
  XZ("xz");

  /** The bytes that {@link #of(byte[], int)} wants to see. */
  public static final int MAGIC_SIZE = 6;

  /**
   * The largest window a zstd frame may ask for, as a power of two in bytes: 128 MiB. It is what
   * the zstd program decompresses unless told otherwise; RFC 8878, section 3.1.1.1.2, asks for 8
   * MiB at least.
   */
  private static final int ZSTD_WINDOW_LOG = 27;

  /** In KiB; {@code xz -9} needs 65 MiB. */
  private static final int XZ_MEMORY = 128 << 10;

  private final String word;

  Compression(String word) {
    this.word = word;
  }

  /** What some contents begin with tells. */
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

  /** The media type of a layer that is compressed so. */
  public String layerType() {
    return switch (this) {
      case NONE -> MediaTypes.LAYER;
      case GZIP -> MediaTypes.LAYER_GZIP;
      case ZSTD -> MediaTypes.LAYER_ZSTD;
      // Not in the specification; podman and umoci know how to read it nevertheless.
      case XZ -> MediaTypes.LAYER + "+xz";
    };
  }

  /**
   * The contents that a stream has compressed, or as they are when it is not; several gzip members,
   * zstd frames or xz streams after one another are one. Memory is bounded, the size of what comes
   * out is not. Damage, an end in the middle, and anything after the end are {@link
   * ImageException}s; what {@code in} throws is passed on as it is.
   *
   * @param in belongs to the stream that is returned; when this throws, it is still the caller's
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
    // The decoders' own errors become the user's words; those of the source must stay what they
    // are, also where they are of the same class.
    Source source = new Source(in);
    try {
      return new Plainly(this, source, decoder(source));
    } catch (IOException e) {
      throw translated(source, e);
    }
  }

  private InputStream decoder(InputStream in) throws IOException {
    return switch (this) {
      case GZIP -> new GzipInput(in);
      case ZSTD -> new ZstdInputStreamNoFinalizer(in).setLongMax(ZSTD_WINDOW_LOG);
      case XZ -> new XZInputStream(in, XZ_MEMORY);
      case NONE -> throw new IllegalStateException();
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

  /** Remembers what the compressed stream threw, and that it has ended. */
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

  /** Says in our words what a decoder found wrong. */
  private static final class Plainly extends BlockInput {
    private final Compression compression;
    private final Source source;

    Plainly(Compression compression, Source source, InputStream decoder) {
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
