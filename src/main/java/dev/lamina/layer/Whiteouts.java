package dev.lamina.layer;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * Whiteouts: the marks that hide a name of the layers below. Read in all formats: a character
 * device 0:0, an empty regular file with an {@code overlay.whiteout} attribute (kernel
 * documentation, filesystems/overlayfs.rst), and a file {@code .wh.NAME} (AUFS, OCI image layer
 * specification).
 */
public final class Whiteouts {
  static final byte[] PREFIX = OverlayXattrs.bytes(".wh.");

  private Whiteouts() {}

  /** True for a name that layers use for marks, and that therefore no user sees or makes. */
  public static boolean isReserved(byte[] name) {
    return isReserved(name, name.length);
  }

  /** The same for the first {@code length} bytes. */
  public static boolean isReserved(byte[] name, int length) {
    return length >= PREFIX.length
        && name[0] == '.'
        && name[1] == 'w'
        && name[2] == 'h'
        && name[3] == '.';
  }

  /** The name whose presence hides {@code name}. */
  public static byte[] prefixed(byte[] name) {
    return OverlayXattrs.concat(PREFIX, name);
  }

  /** True when an entry that was found is a whiteout itself. */
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

  /** True when the directory holds a {@code .wh.} file for the name. */
  public static boolean isHiddenByPrefix(LayerDirectory directory, byte[] name)
      throws ErrnoException {
    if (!mayHoldPrefixed(directory)) {
      return false;
    }
    int result = directory.stat(prefixed(name), new Stat());
    // Where the name is too long with the prefix, nothing can hide it so.
    boolean isMissing = result == -Errno.ENOENT || result == -Errno.ENAMETOOLONG;
    return !isMissing && ErrnoException.check(result) == 0;
  }

  /** To be called before a {@code .wh.} file is written. */
  static void willBePrefixed(LayerDirectory directory) {
    DirectoryMarks.BY_PREFIX.set(directory, DirectoryMarks.PREFIXED);
  }

  /** To be called for a directory that was made just now, without any mark. */
  public static void startsEmpty(LayerDirectory directory) {
    DirectoryMarks.startsWithout(directory);
  }

  /**
   * Listing a directory once costs less than asking for a second name at each missing one for ever
   * after. One that cannot be listed may hold them: then the second name is asked for.
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
        // Not remembered, but where the daemon may not list it: that would be tried each time.
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
