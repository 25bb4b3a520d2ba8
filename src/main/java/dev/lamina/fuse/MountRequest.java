package dev.lamina.fuse;

import java.util.List;

/**
 * What a transport mounts.
 *
 * @param mountPoint absolute path of an existing directory, as bytes
 * @param source what the mount table shows as the device
 * @param options {@link GenericOptions} only; the transport adds its own ({@code allow_other},
 *     {@code default_permissions})
 */
public record MountRequest(byte[] mountPoint, String source, List<String> options) {
  /** The file system's type in the mount table is "fuse." and this, whatever the transport. */
  public static final String SUBTYPE = "lamina";

  /** The source, or a name where there is none: the mount table has no empty field. */
  public String shownSource() {
    return source == null || source.isEmpty() ? SUBTYPE : source;
  }
}
