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

/** Paths of the host's, which users name, between Java and the system's calls. */
public final class HostPaths {
  private HostPaths() {}

  /** The bytes of a path, as the system knows it, whatever the locale is; it becomes absolute. */
  public static byte[] bytes(Path path) {
    // A URI escapes each byte that is not plain.
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
    // That of a directory that is there.
    boolean hasSlash = all.length > 1 && all[all.length - 1] == '/';
    return hasSlash ? Arrays.copyOf(all, all.length - 1) : all;
  }

  /**
   * A path whose bytes are given each as a character (ISO-8859-1); it becomes absolute, without
   * components {@code .}; what {@code ..} is, is for the system to say.
   *
   * @throws IllegalArgumentException when there is a NUL in it
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

  /** Java's own way to it is by a text in the locale's encoding, which may not have its bytes. */
  private static Path workingDirectory() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/cwd"));
    } catch (IOException e) {
      throw new UncheckedIOException("/proc is not mounted", e);
    }
  }

  /** The bytes of a path, each as a character; the opposite of {@link #path}. */
  public static String text(Path path) {
    return new String(bytes(path), StandardCharsets.ISO_8859_1);
  }

  /** The bytes of a path's last component. */
  public static byte[] name(Path path) {
    byte[] all = bytes(path);
    int start = all.length;
    while (start > 0 && all[start - 1] != '/') {
      start--;
    }
    return Arrays.copyOfRange(all, start, all.length);
  }
}
