package dev.lamina.fuse;

import java.util.List;

/**
 * A mount that a transport is to make.
 *
 * @param mountPoint the absolute path of an existing directory, as bytes
 * @param source the device name that the mount table shows
 * @param options options of {@link GenericOptions} only; the transport adds its own ({@code
 *     allow_other}, {@code default_permissions})
 */
public record MountRequest(byte[] mountPoint, String source, List<String> options) {
  /**
   * The subtype: the mount table shows "fuse." and this as the file system type, for every
   * transport.
   */
  public static final String SUBTYPE = "lamina";

  /**
   * Returns the source, or the subtype if there is none: a field of the mount table cannot be
   * empty.
   */
  public String shownSource() {
    return source == null || source.isEmpty() ? SUBTYPE : source;
  }
}
