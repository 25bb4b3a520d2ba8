package dev.lamina.image.store;

import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layer.LayerWriter;
import dev.lamina.image.layer.WrittenLayer;
import dev.lamina.image.layout.BlobWriter;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A layer that is being made: the tar that is written to it becomes a compressed blob of the store.
 * When it is closed before {@link #commit}, nothing is left.
 */
public final class NewLayer implements AutoCloseable {
  private final Lease lease;
  private final BlobWriter blob;
  private final LayerWriter writer;

  NewLayer(OciLayout layout, Lease lease, LayerCompression compression) throws IOException {
    this.lease = lease;
    blob = layout.writer();
    try {
      int threads = Runtime.getRuntime().availableProcessors();
      writer = new LayerWriter(blob, compression, compression.defaultLevel(), threads);
    } catch (IOException e) {
      blob.close();
      throw e;
    }
  }

  /** Returns the stream for the tar, which the caller does not close. */
  public OutputStream tar() {
    return writer.tar();
  }

  /** Puts the blob in place; the tar must be complete. */
  public WrittenLayer commit() throws IOException {
    WrittenLayer layer = writer.finish();
    lease.add(List.of(layer.descriptor().digest()));
    blob.commit();
    return layer;
  }

  @Override
  public void close() throws IOException {
    try {
      writer.close();
    } finally {
      blob.close();
    }
  }
}
