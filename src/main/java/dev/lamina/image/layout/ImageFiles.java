package dev.lamina.image.layout;

import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Words;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * Files that images are made of, by name, in a directory or in a tar: {@code index.json}, {@code
 * blobs/sha256/…}. Names are relative, with a slash between the components. Any number of threads
 * may read at once.
 */
public interface ImageFiles extends Closeable {
  /** The bytes that a file has; -1 where there is none. */
  long size(String name) throws IOException;

  /**
   * A file's bytes.
   *
   * @param offset of the first one, in bytes
   * @return the caller's to close
   * @throws ImageException where there is none
   */
  InputStream open(String name, long offset) throws IOException;

  /**
   * A JSON document, whole.
   *
   * @throws ImageException where there is none, or one larger than any document may be
   */
  default byte[] document(String name) throws IOException {
    try (InputStream in = open(name, 0)) {
      byte[] bytes = in.readNBytes(Json.LONGEST + 1);
      if (bytes.length > Json.LONGEST) {
        throw new ImageException(
            describe(name) + " is too large: more than the " + Json.LONGEST + " bytes allowed");
      }
      return bytes;
    }
  }

  /** For messages: the file in what holds it. */
  default String describe(String name) {
    return Words.quote(name) + " in " + this;
  }

  default ImageException missing(String name) {
    return new ImageException("there is no " + describe(name));
  }

  /** For messages: what holds the files, as the user named it. */
  @Override
  String toString();

  @Override
  void close() throws IOException;
}
