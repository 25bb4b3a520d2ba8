package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;

/**
 * Where an image is read from: a registry, a layout, an archive. Any number of threads may read at
 * once. What it gives is not to be trusted: who reads verifies.
 */
public interface ImageSource extends AutoCloseable {
  /**
   * The manifest or index of the image asked for.
   *
   * @throws ImageException when there is no such image
   */
  Document document() throws IOException;

  /** A manifest or index that an index names. */
  Document document(Descriptor descriptor) throws IOException;

  /**
   * Contents, a configuration or a layer.
   *
   * @param offset in bytes, of the first that is wanted; what is before it is at hand already
   * @return to be closed by the caller; it may hold more or less than the descriptor says
   */
  InputStream open(Descriptor descriptor, long offset) throws IOException;

  /**
   * What the image is called there: a name, or a tag alone. Nobody has looked at it: it may be any
   * text. Null where nothing tells.
   */
  default String name() {
    return null;
  }

  /** For messages: where it is, as users write it. */
  @Override
  String toString();

  @Override
  void close() throws IOException;
}
