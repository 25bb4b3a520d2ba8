package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Xattrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads redirects and metacopy marks: by these a directory or file that was renamed, or of which
 * only the metadata was copied up, refers to its contents in the layers below (kernel
 * documentation, filesystems/overlayfs.rst, "redirect_dir" and "Metadata only copy up").
 */
public final class Redirects {
  private Redirects() {}

  /**
   * Reads the redirect of an object; returns null if its lower part has the same name.
   *
   * @throws ErrnoException EINVAL for an invalid redirect, as in kernel overlayfs
   *     (ovl_get_redirect_xattr), since the lower part is unknown then; or the error of reading it
   */
  static Redirect read(LayerDirectory directory, byte[] name) throws ErrnoException {
    byte[] value = OverlayXattrs.read(directory, name, OverlayXattrs.REDIRECT);
    if (value == null) {
      return null;
    }
    boolean absolute = value.length > 0 && value[0] == '/';
    List<byte[]> components = split(value);
    // A relative redirect is a single name in the same directory; everything else is invalid.
    if (components.isEmpty() || !absolute && components.size() > 1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return new Redirect(absolute, components);
  }

  /** Returns true if a regular file holds metadata only. */
  static boolean isMetacopy(LayerDirectory directory, byte[] name) throws ErrnoException {
    return MarkBuffer.has(directory, name, OverlayXattrs.METACOPY);
  }

  /**
   * Removes the mark of a metacopy, so that its own data is used.
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
   * @param absolute whether the path starts at the layers' roots; otherwise in the same directory
   * @param components the components of the path: at least one, none of them {@code .} or {@code
   *     ..}
   */
  record Redirect(boolean absolute, List<byte[]> components) {}
}
