package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
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

  /**
   * Where an object's lower part lies; null when under its own name.
   *
   * @throws ErrnoException EINVAL for a mark that is no redirect, as kernel overlayfs has it
   *     (ovl_get_redirect_xattr): what lies below is not known then, so it cannot be shown; or what
   *     reading it failed with
   */
  static Redirect read(LayerDirectory directory, byte[] name) throws ErrnoException {
    byte[] value = OverlayXattrs.read(directory, name, OverlayXattrs.REDIRECT);
    if (value == null) {
      return null;
    }
    boolean absolute = value.length > 0 && value[0] == '/';
    List<byte[]> components = split(value);
    // A relative redirect is one name beside the directory; anything else is no valid mark.
    if (components.isEmpty() || !absolute && components.size() > 1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return new Redirect(absolute, components);
  }

  /** True when a regular file holds metadata only. */
  static boolean isMetacopy(LayerDirectory directory, byte[] name) throws ErrnoException {
    return MarkBuffer.has(directory, name, OverlayXattrs.METACOPY);
  }

  /**
   * Takes the mark of a metacopy away, so that its own data counts.
   *
   * @return 0 or the negative errno
   */
  public static int removeMetacopy(int dirfd, byte[] name) {
    int result = Xattrs.remove(dirfd, name, OverlayXattrs.METACOPY);
    return result == -Errno.ENODATA ? 0 : result;
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
  record Redirect(boolean absolute, List<byte[]> components) {}
}
