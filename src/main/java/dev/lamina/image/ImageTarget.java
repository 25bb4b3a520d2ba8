package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;

/** Where an image is written to: contents first, its manifest at the end. */
public interface ImageTarget extends AutoCloseable {
  /** Contents, from a given byte on. */
  interface Contents {
    /** The stream is the reader's to close. */
    InputStream open(long offset) throws IOException;
  }

  /** True when it is there already, or could be had without sending it. */
  boolean has(Descriptor descriptor) throws IOException;

  /** Writes contents whole, or fails; several threads may do so at once. */
  void put(Descriptor descriptor, Contents contents) throws IOException;

  /** Writes the manifest, all of whose contents are there, and gives the image its name. */
  void putManifest(Document manifest) throws IOException;

  @Override
  void close() throws IOException;
}
