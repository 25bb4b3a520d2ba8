package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;

/** A place to which an image is written: its configuration and layers first, its manifest last. */
public interface ImageTarget extends AutoCloseable {
  /** Content that can be read from any offset on. */
  interface Contents {
    /** Returns a stream that the caller closes. */
    InputStream open(long offset) throws IOException;
  }

  /** Returns true if the target has the content or can get it without its being sent. */
  boolean has(Descriptor descriptor) throws IOException;

  /** Writes content completely or fails. Several threads may do so at once. */
  void put(Descriptor descriptor, Contents contents) throws IOException;

  /** Writes the manifest, after everything that it refers to, and gives the image its name. */
  void putManifest(Document manifest) throws IOException;

  @Override
  void close() throws IOException;
}
