package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Redirects and metacopy: the marks by which a directory or file that was renamed, or whose
 * metadata alone was copied up, finds its contents in the layers below (kernel documentation,
 * filesystems/overlayfs.rst, "redirect_dir" and "Metadata only copy up").
 */
public final class Redirects {
  private Redirects() {}

  /** Where an object's lower part lies; null when under its own name. */
  public static Redirect read(LayerDirectory directory, byte[] name) {
    if (!MarkBuffer.hasAttributes(directory, name)) {
      return null;
    }
    byte[] value = OverlayXattrs.read(directory, name, OverlayXattrs.REDIRECT);
    if (value == null || value.length == 0) {
      return null;
    }
    boolean absolute = value[0] == '/';
    List<byte[]> components = split(value);
    // A relative redirect is one name beside the directory; anything else is no valid mark.
    boolean valid = !components.isEmpty() && (absolute || components.size() == 1);
    return valid ? new Redirect(absolute, components) : null;
  }

  /** True when a regular file holds metadata only. */
  public static boolean isMetacopy(LayerDirectory directory, byte[] name) {
    return OverlayXattrs.read(directory, name, OverlayXattrs.METACOPY) != null;
  }

  /**
   * Takes the marks of a metacopy away, so that its own data counts.
   *
   * @return 0 or the negative errno
   */
  public static int removeMetacopy(int dirfd, byte[] name) {
    for (byte[] mark : OverlayXattrs.METACOPY) {
      int result = Xattrs.remove(dirfd, name, mark);
      if (result < 0 && result != -Errno.ENODATA) {
        return result;
      }
    }
    return 0;
  }

  private static List<byte[]> split(byte[] path) {
    List<byte[]> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        if (i > start) {
          byte[] component = Arrays.copyOfRange(path, start, i);
          if (isDots(component)) {
            return List.of();
          }
          components.add(component);
        }
        start = i + 1;
      }
    }
    return components;
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
  }

  /**
   * The path of the lower part.
   *
   * @param absolute from the layers' roots; otherwise in the same directory
   * @param components never empty, without {@code .} and {@code ..}
   */
  public record Redirect(boolean absolute, List<byte[]> components) {}
}
