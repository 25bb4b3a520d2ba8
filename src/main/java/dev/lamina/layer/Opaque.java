package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.util.Arrays;

/**
 * Recognizes opaque directories, which hide everything that the layers below have under their name.
 * All formats are read: {@code overlay.opaque=y} as a trusted or user attribute, fuse-overlayfs's
 * own attribute, and the AUFS and OCI file {@code .wh..wh..opq} (OCI image layer specification,
 * "Opaque Whiteout").
 */
public final class Opaque {
  private static final byte[] AUFS_MARK = OverlayXattrs.bytes(".wh..wh..opq");

  private Opaque() {}

  /** Returns the name of the file that makes a directory opaque in layers of images. */
  public static byte[] fileName() {
    return AUFS_MARK.clone();
  }

  /** Returns true if the first {@code length} bytes are the name of that file. */
  static boolean isFileName(byte[] name, int length) {
    return Arrays.equals(name, 0, length, AUFS_MARK, 0, AUFS_MARK.length);
  }

  /**
   * Returns true if a directory hides the layers below it.
   *
   * @throws ErrnoException EACCES if the daemon may not search the directory, or another error of
   *     reading it
   */
  public static boolean isOpaque(LayerDirectory directory) throws ErrnoException {
    return isOpaqueByAttribute(directory) || byFile(directory) == DirectoryMarks.OPAQUE_FILE;
  }

  /** Does the same by the attribute only, which can be read without search permission. */
  static boolean isOpaqueByAttribute(LayerDirectory directory) throws ErrnoException {
    return byAttribute(directory) == DirectoryMarks.OPAQUE_ATTRIBUTE;
  }

  /**
   * Returns true if regular files in a directory may be whiteouts by an attribute ({@code
   * overlay.opaque=x}, Linux 6.7).
   */
  static boolean mayHoldXattrWhiteouts(LayerDirectory directory) throws ErrnoException {
    return byAttribute(directory) == DirectoryMarks.XATTR_WHITEOUTS;
  }

  /** Called after a directory has been marked opaque; until then its old state is used. */
  public static void wasMadeOpaque(LayerDirectory directory) {
    DirectoryMarks.BY_ATTRIBUTE.set(directory, DirectoryMarks.OPAQUE_ATTRIBUTE);
  }

  /** Called after a directory has been marked as one that may contain whiteouts by an attribute. */
  static void wasMadeToHoldWhiteouts(LayerDirectory directory) {
    DirectoryMarks.BY_ATTRIBUTE.set(directory, DirectoryMarks.XATTR_WHITEOUTS);
  }

  private static int byFile(LayerDirectory directory) throws ErrnoException {
    int known = DirectoryMarks.BY_FILE.get(directory);
    if (known != Memo.UNKNOWN) {
      return known;
    }
    int result = directory.stat(AUFS_MARK, new Stat());
    boolean isMissing = result == -Errno.ENOENT;
    ErrnoException.check(isMissing ? 0 : result);
    return DirectoryMarks.BY_FILE.learn(
        directory, isMissing ? DirectoryMarks.NO_OPAQUE_FILE : DirectoryMarks.OPAQUE_FILE);
  }

  private static int byAttribute(LayerDirectory directory) throws ErrnoException {
    int known = DirectoryMarks.BY_ATTRIBUTE.get(directory);
    return known != Memo.UNKNOWN
        ? known
        : DirectoryMarks.BY_ATTRIBUTE.learn(directory, readAttribute(directory));
  }

  private static int readAttribute(LayerDirectory directory) throws ErrnoException {
    byte[] value = OverlayXattrs.read(directory, Linux.EMPTY, OverlayXattrs.OPAQUE);
    if (value == null || value.length == 0) {
      return DirectoryMarks.NO_ATTRIBUTE;
    }
    return switch (value[0]) {
      case 'x' -> DirectoryMarks.XATTR_WHITEOUTS;
      case 'y' -> DirectoryMarks.OPAQUE_ATTRIBUTE;
      default -> DirectoryMarks.NO_ATTRIBUTE;
    };
  }
}
