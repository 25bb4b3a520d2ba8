package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.Arrays;

/**
 * Functions for paths within a layer. A path is bytes, relative to the root and without {@code .};
 * that of the root is empty.
 */
final class TreePath {
  private TreePath() {}

  /** Returns the path of a name in a directory; with an empty name, of the directory itself. */
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

  /** Returns the exception for an object that cannot be read. */
  static ImageException unreadable(byte[] path, ErrnoException cause) {
    String message = "cannot read " + quote(path) + ": " + Errno.message(cause.errno());
    return new ImageException(message, cause);
  }

  /**
   * Returns a path for a message, with each byte as one character: messages are printed as bytes.
   */
  static String quote(byte[] path) {
    return "/" + Messages.quote(new String(path, ISO_8859_1));
  }
}
