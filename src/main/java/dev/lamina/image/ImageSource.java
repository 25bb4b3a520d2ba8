package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;

/**
 * An image that can be read, from a registry, a layout or an archive. Any number of threads may
 * read at once. The content is not verified; its readers verify it.
 */
public interface ImageSource extends AutoCloseable {
  /**
   * Reads the manifest or index of the image.
   *
   * @throws ImageException if there is no such image
   */
  Document document() throws IOException;

  /** Reads a manifest or index that an index refers to. */
  Document document(Descriptor descriptor) throws IOException;

  /**
   * Opens a configuration or a layer.
   *
   * @param offset of the first byte to read, for content that the caller has in part
   * @return a stream that the caller closes, with possibly more or fewer bytes than the descriptor
   *     says
   */
  InputStream open(Descriptor descriptor, long offset) throws IOException;

  /**
   * Returns the name of the image in the source, or a tag alone. It has not been checked and may be
   * any text; null if there is none.
   */
  default String name() {
    return null;
  }

  /** Returns the location of the image for messages, as users write it. */
  @Override
  String toString();

  @Override
  void close() throws IOException;
}
