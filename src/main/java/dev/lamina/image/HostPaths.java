package dev.lamina.image;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/** Paths of the host's, which users name, between Java and the system's calls. */
public final class HostPaths {
  private HostPaths() {}

  /** The bytes of a path, as the system knows it, whatever the locale is; it becomes absolute. */
  public static byte[] bytes(Path path) {
    // A URI escapes each byte that is not plain; a directory's has a slash behind it.
    String escaped = path.toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      if (escaped.charAt(i) == '%') {
        bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(escaped.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  /** The bytes of a path's last component. */
  public static byte[] name(Path path) {
    byte[] all = bytes(path);
    int end = all.length;
    while (end > 1 && all[end - 1] == '/') {
      end--;
    }
    int start = end;
    while (start > 0 && all[start - 1] != '/') {
      start--;
    }
    return Arrays.copyOfRange(all, start, end);
  }
}
