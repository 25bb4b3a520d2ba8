package dev.lamina.image.layout;

import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * The files of a layout or an archive, by name, in a directory or in a tar: {@code index.json},
 * {@code blobs/sha256/…}. Names are text and relative, with a slash between the components. Any
 * number of threads may read at once.
 */
public interface ImageFiles extends Closeable {
  /** Returns the size of a file in bytes, or -1 if it does not exist. */
  long size(String name) throws IOException;

  /**
   * Opens a file.
   *
   * @param offset of the first byte to read
   * @return a stream that the caller closes
   * @throws ImageException if the file does not exist
   */
  InputStream open(String name, long offset) throws IOException;

  /**
   * Reads a JSON document.
   *
   * @throws ImageException if it does not exist or is too large
   */
  default byte[] document(String name) throws IOException {
    try (InputStream in = open(name, 0)) {
      byte[] bytes = in.readNBytes(Json.LONGEST + 1);
      if (bytes.length > Json.LONGEST) {
        throw new ImageException(
            describe(name) + " is too large: it has more than " + Json.LONGEST + " bytes");
      }
      return bytes;
    }
  }

  /** Returns a file and its directory or archive for messages. */
  default String describe(String name) {
    return Messages.quote(name) + " in " + this;
  }

  /** Returns the exception for a file that does not exist. */
  default ImageException missing(String name) {
    return new ImageException("there is no file " + describe(name));
  }

  /** Returns the directory or archive for messages, as the user named it. */
  @Override
  String toString();

  @Override
  void close() throws IOException;
}
