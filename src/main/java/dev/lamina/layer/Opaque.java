package dev.lamina.layer;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/**
 * Opaque directories: they hide everything that the layers below have under their name. Read in all
 * formats: {@code overlay.opaque=y} as a trusted or user attribute, fuse-overlayfs's own attribute,
 * and the AUFS and OCI file {@code .wh..wh..opq} (OCI image layer specification, "Opaque
 * Whiteout").
 */
public final class Opaque {
  private static final byte[] AUFS_MARK = OverlayXattrs.bytes(".wh..wh..opq");

  private static final byte KNOWN = 1;
  private static final byte OPAQUE = 2;
  private static final byte XATTR_WHITEOUTS = 4;

  private Opaque() {}

  /** The name of the file that makes the directory it is in opaque, in layers of images. */
  public static byte[] fileName() {
    return AUFS_MARK.clone();
  }

  /** True when what lies below does not show through. */
  public static boolean isOpaque(LayerDirectory directory) {
    return (state(directory) & OPAQUE) != 0;
  }

  /**
   * True when regular files here may be whiteouts by an attribute ({@code overlay.opaque=x}, Linux
   * 6.7).
   */
  static boolean mayHoldXattrWhiteouts(LayerDirectory directory) {
    return (state(directory) & XATTR_WHITEOUTS) != 0;
  }

  /** To be called after the mark was written. */
  public static void wasMadeOpaque(LayerDirectory directory) {
    directory.opaqueState = KNOWN | OPAQUE;
  }

  private static byte state(LayerDirectory directory) {
    byte state = directory.opaqueState;
    if (state == 0) {
      state = (byte) (KNOWN | read(directory));
      directory.opaqueState = state;
    }
    return state;
  }

  private static int read(LayerDirectory directory) {
    if (directory.stat(AUFS_MARK, new Stat()) == 0) {
      return OPAQUE;
    }
    if (!MarkBuffer.hasAttributes(directory, Linux.EMPTY)) {
      return 0;
    }
    byte[] value = OverlayXattrs.read(directory, Linux.EMPTY, OverlayXattrs.OPAQUE);
    if (value == null || value.length == 0) {
      return 0;
    }
    return value[0] == 'x' ? XATTR_WHITEOUTS : value[0] == 'y' ? OPAQUE : 0;
  }
}
