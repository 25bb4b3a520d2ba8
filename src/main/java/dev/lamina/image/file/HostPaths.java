package dev.lamina.image.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/** Converts paths of the host between Java and the bytes that system calls take. */
public final class HostPaths {
  private HostPaths() {}

  /** Returns the bytes of a path, made absolute, independently of the locale. */
  public static byte[] bytes(Path path) {
    // In a URI each byte other than a plain ASCII character is escaped.
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
    byte[] all = bytes.toByteArray();
    // A URI of an existing directory ends with a slash.
    boolean hasSlash = all.length > 1 && all[all.length - 1] == '/';
    return hasSlash ? Arrays.copyOf(all, all.length - 1) : all;
  }

  /**
   * Returns the path whose bytes are given, each as a character (ISO-8859-1). It is made absolute
   * and loses its {@code .} components; {@code ..} components stay and are resolved by the kernel.
   *
   * @throws IllegalArgumentException if the text contains a NUL
   */
  public static Path path(String text) {
    boolean isAbsolute = text.startsWith("/");
    StringBuilder escaped = new StringBuilder("file:///");
    for (String component : text.split("/")) {
      if (component.isEmpty() || component.equals(".")) {
        continue;
      }
      for (byte value : component.getBytes(StandardCharsets.ISO_8859_1)) {
        escaped.append('%').append(HexFormat.of().toHexDigits(value));
      }
      escaped.append('/');
    }
    Path found = Path.of(URI.create(escaped.toString()));
    if (isAbsolute) {
      return found;
    }
    int count = found.getNameCount();
    return count == 0 ? workingDirectory() : workingDirectory().resolve(found.subpath(0, count));
  }

  /** Java's own property is text in the locale's encoding, which may lack some of the bytes. */
  private static Path workingDirectory() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/cwd"));
    } catch (IOException e) {
      throw new UncheckedIOException("/proc is not mounted", e);
    }
  }

  /** Returns the bytes of a path, each as a character: the inverse of {@link #path}. */
  public static String text(Path path) {
    return new String(bytes(path), StandardCharsets.ISO_8859_1);
  }

  /** Returns the bytes of a path's last component. */
  public static byte[] name(Path path) {
    byte[] all = bytes(path);
    return Arrays.copyOfRange(all, nameStart(all), all.length);
  }

  /** Returns where the last component begins. */
  static int nameStart(byte[] path) {
    int start = path.length;
    while (start > 0 && path[start - 1] != '/') {
      start--;
    }
    return start;
  }
}
