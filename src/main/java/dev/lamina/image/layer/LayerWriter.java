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
 * Compresses a layer's tar archive as it is written, and computes the digests of both. It must be
 * closed in any case; what was written is a whole layer only after {@link #finish}.
 *
 * <p>The compressed bytes do not depend on the number of threads, but they do on the version of
 * zlib or zstd. The memory used is proportional to the number of threads, about 5 MiB for each with
 * gzip.
 */
public final class LayerWriter implements Closeable {
  /** A stream that discards what a compressor still writes after it was shut. */
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
   * @param out receives the compressed layer; it is not closed
   * @param level of compression, such as {@link LayerCompression#defaultLevel}
   * @param threads the number of threads that compress besides the caller's, at least 1
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
          // The result is the same for any number of workers other than 0.
          case ZSTD ->
              new ZstdOutputStreamNoFinalizer(gate, level).setChecksum(true).setWorkers(threads);
        };
    tar = new DigestingOutput(compressor);
  }

  /** Returns the stream to which the tar archive is to be written. It must not be closed. */
  public OutputStream tar() {
    return tar;
  }

  /**
   * Ends the compressed stream and flushes it. The tar archive must have been written whole.
   *
   * @throws IOException when writing or compressing fails, or has failed before
   */
  public WrittenLayer finish() throws IOException {
    if (isClosed) {
      throw new IOException("the layer is closed already");
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

  /**
   * Ends the threads. What was written is a whole layer only when {@link #finish} was called
   * before.
   */
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
