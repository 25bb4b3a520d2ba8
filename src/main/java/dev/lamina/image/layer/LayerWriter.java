package dev.lamina.image.layer;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.lamina.image.Descriptor;
import dev.lamina.image.DigestingOutput;
import dev.lamina.image.compress.ParallelGzipOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Takes a layer's tar and writes it compressed, with the digests of both, as it comes. To be closed
 * in any case; only {@link #finish} makes what was written a whole layer.
 *
 * <p>The compressed bytes do not depend on the number of threads; but another version of zlib or
 * zstd makes others. Memory is bounded by the number of threads, some 5 MiB for each with gzip.
 */
public final class LayerWriter implements Closeable {
  /** Lets nothing through any more once it is shut, whatever a compressor still has. */
  private static final class Gate extends FilterOutputStream {
    boolean isShut;

    Gate(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      if (!isShut) {
        out.write(value);
      }
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      if (!isShut) {
        out.write(buffer, offset, length);
      }
    }
  }

  private final LayerCompression compression;
  private final DigestingOutput blob;
  private final Gate gate;
  private final OutputStream compressor;
  private final DigestingOutput tar;
  private boolean isClosed;

  /**
   * @param out gets the layer, and stays the caller's
   * @param level of compression, {@link LayerCompression#defaultLevel} say
   * @param threads that compress, at least 1; the caller's is not one of them
   */
  public LayerWriter(OutputStream out, LayerCompression compression, int level, int threads)
      throws IOException {
    this.compression = compression;
    blob = new DigestingOutput(out);
    gate = new Gate(blob);
    compressor =
        switch (compression) {
          case NONE -> gate;
          case GZIP -> new ParallelGzipOutputStream(gate, level, threads);
          // With workers at all the result is the same for any number of them.
          case ZSTD ->
              new ZstdOutputStreamNoFinalizer(gate, level).setChecksum(true).setWorkers(threads);
        };
    tar = new DigestingOutput(compressor);
  }

  /** Where the tar is to be written. Not to be closed by itself. */
  public OutputStream tar() {
    return tar;
  }

  /**
   * Writes the end and flushes; the tar must be whole.
   *
   * @throws IOException when a write or the compression has failed, now or before
   */
  public WrittenLayer finish() throws IOException {
    if (isClosed) {
      throw new IOException("the layer was closed before it was whole");
    }
    isClosed = true;
    end();
    blob.flush();
    Descriptor descriptor = new Descriptor(compression.mediaType(), blob.digest(), blob.count());
    return new WrittenLayer(tar.digest(), tar.count(), descriptor);
  }

  private void end() throws IOException {
    if (compressor instanceof ZstdOutputStreamNoFinalizer zstd) {
      zstd.closeWithoutClosingParentStream();
    } else if (compressor instanceof ParallelGzipOutputStream gzip) {
      gzip.close();
    }
  }

  /** Ends the threads. What was written is not a whole layer unless {@link #finish} was called. */
  @Override
  public void close() throws IOException {
    if (isClosed) {
      return;
    }
    isClosed = true;
    gate.isShut = true;
    if (compressor instanceof ParallelGzipOutputStream gzip) {
      gzip.abort();
    } else {
      end();
    }
  }
}
