package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.Arrays;

/** Paths within a layer: bytes, relative to its root, without {@code .}; the root is empty. */
final class TreePath {
  private TreePath() {}

  /** A name in a directory; with an empty name the directory itself. */
  static byte[] join(byte[] directory, byte[] name) {
    if (directory.length == 0) {
      return name;
    }
    if (name.length == 0) {
      return directory;
    }
    byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length);
    path[directory.length] = '/';
    System.arraycopy(name, 0, path, directory.length + 1, name.length);
    return path;
  }

  /** The failure to read an object, for the user. */
  static ImageException unreadable(byte[] path, ErrnoException cause) {
    String message = "cannot read " + quote(path) + ": " + Errno.message(cause.errno());
    return new ImageException(message, cause);
  }

  /** For a message, each byte a character: what prints messages writes them as bytes. */
  static String quote(byte[] path) {
    return "/" + Words.quote(new String(path, ISO_8859_1));
  }
}
