package dev.lamina.layer;

import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * Whiteouts: the marks that hide a name of the layers below. Read in all formats: a character
 * device 0:0, an empty regular file with an {@code overlay.whiteout} attribute (kernel
 * documentation, filesystems/overlayfs.rst), and a file {@code .wh.NAME} (AUFS, OCI image layer
 * specification).
 */
public final class Whiteouts {
  private static final byte[] PREFIX = OverlayXattrs.bytes(".wh.");

  private static final byte NONE = 1;
  private static final byte SOME = 2;

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
  public static boolean isWhiteout(LayerDirectory directory, byte[] name, Stat stat) {
    return switch (stat.type()) {
      case Mode.S_IFCHR -> stat.rdev == 0;
      case Mode.S_IFREG ->
          stat.size == 0
              && Opaque.mayHoldXattrWhiteouts(directory)
              && OverlayXattrs.read(directory, name, OverlayXattrs.WHITEOUT) != null;
      default -> false;
    };
  }

  /** True when the directory holds a {@code .wh.} file for the name. */
  public static boolean isHiddenByPrefix(LayerDirectory directory, byte[] name) {
    return mayHoldPrefixed(directory) && directory.stat(prefixed(name), new Stat()) == 0;
  }

  /** True when a listing must look for whiteouts among what it finds, other than devices. */
  public static boolean mayHoldXattrWhiteouts(LayerDirectory directory) {
    return Opaque.mayHoldXattrWhiteouts(directory);
  }

  /** To be called after a {@code .wh.} file was written. */
  public static void wasPrefixed(LayerDirectory directory) {
    directory.whiteoutState = SOME;
  }

  /** To be called for a directory that was made empty just now. */
  public static void startsEmpty(LayerDirectory directory) {
    directory.whiteoutState = NONE;
  }

  /**
   * Listing a directory once costs less than asking for a second name at each missing one for ever
   * after.
   */
  private static boolean mayHoldPrefixed(LayerDirectory directory) {
    byte state = directory.whiteoutState;
    if (state == 0) {
      boolean[] found = new boolean[1];
      int result =
          directory.list(
              (name, length, ino, type) -> {
                found[0] = isReserved(name, length);
                return !found[0];
              });
      // What cannot be listed is asked for name by name.
      state = found[0] || result < 0 ? SOME : NONE;
      directory.whiteoutState = state;
    }
    return state == SOME;
  }
}
