package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * Recognizes whiteouts, the marks that hide a name of the layers below. All formats are read: a
 * character device 0:0, an empty regular file with an {@code overlay.whiteout} attribute (kernel
 * documentation, filesystems/overlayfs.rst), and a file {@code .wh.NAME} (AUFS, OCI image layer
 * specification).
 */
public final class Whiteouts {
  static final byte[] PREFIX = OverlayXattrs.bytes(".wh.");

  private Whiteouts() {}

  /** Returns true for a name that is reserved for marks, which users can neither see nor make. */
  public static boolean isReserved(byte[] name) {
    return isReserved(name, name.length);
  }

  /** Does the same for the first {@code length} bytes. */
  public static boolean isReserved(byte[] name, int length) {
    return length >= PREFIX.length
        && name[0] == '.'
        && name[1] == 'w'
        && name[2] == 'h'
        && name[3] == '.';
  }

  /** Returns the name of the file that hides {@code name}. */
  public static byte[] prefixed(byte[] name) {
    return OverlayXattrs.concat(PREFIX, name);
  }

  /** Returns true if an existing entry is a whiteout itself. */
  static boolean isWhiteout(LayerDirectory directory, byte[] name, Stat stat)
      throws ErrnoException {
    return switch (stat.type()) {
      case Mode.S_IFCHR -> stat.rdev == 0;
      case Mode.S_IFREG ->
          stat.size == 0
              && Opaque.mayHoldXattrWhiteouts(directory)
              && MarkBuffer.present(directory, name, OverlayXattrs.WHITEOUT) != null;
      default -> false;
    };
  }

  /** Returns true if the directory contains a {@code .wh.} file for the name. */
  public static boolean isHiddenByPrefix(LayerDirectory directory, byte[] name)
      throws ErrnoException {
    if (!mayHoldPrefixed(directory)) {
      return false;
    }
    int result = directory.stat(prefixed(name), new Stat());
    // A name that is too long with the prefix cannot be hidden so.
    boolean isMissing = result == -Errno.ENOENT || result == -Errno.ENAMETOOLONG;
    return !isMissing && ErrnoException.check(result) == 0;
  }

  /** Called before a {@code .wh.} file is written. */
  static void willBePrefixed(LayerDirectory directory) {
    DirectoryMarks.BY_PREFIX.set(directory, DirectoryMarks.PREFIXED);
  }

  /** Called for a directory that was just created, without any mark. */
  public static void startsEmpty(LayerDirectory directory) {
    DirectoryMarks.startsWithout(directory);
  }

  /**
   * Returns whether a directory may contain {@code .wh.} files. Listing it once costs less than a
   * second lookup for every missing name. A directory that cannot be listed may contain them, so
   * the second lookup is made.
   */
  private static boolean mayHoldPrefixed(LayerDirectory directory) {
    int state = DirectoryMarks.BY_PREFIX.get(directory);
    if (state == Memo.UNKNOWN) {
      boolean[] found = new boolean[1];
      try {
        directory.list(
            (name, length, ino, type) -> {
              found[0] = isReserved(name, length);
              return !found[0];
            });
      } catch (ErrnoException e) {
        // This is remembered only if the daemon may not list the directory, which it would
        // otherwise try each time.
        if (e.errno() == Errno.EACCES) {
          DirectoryMarks.BY_PREFIX.learn(directory, DirectoryMarks.PREFIXED);
        }
        return true;
      }
      state =
          DirectoryMarks.BY_PREFIX.learn(
              directory, found[0] ? DirectoryMarks.PREFIXED : DirectoryMarks.NO_PREFIXED);
    }
    return state == DirectoryMarks.PREFIXED;
  }
}
