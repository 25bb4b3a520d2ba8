package dev.lamina.differential;

import java.util.Map;

/** What two upper directories must have in common. */
final class UpperImage {
  private static final String PRIVATE_PREFIX = "trusted.overlay.lamina";

  /** Extended attributes that may differ between equal uppers, with the reason. */
  static final Map<String, String> IGNORED =
      Map.of(
          "trusted.overlay.origin", "a file handle of the lower file: the layers are copies",
          "trusted.overlay.impure", "a hint to readdir that it may have to look up inode numbers",
          "trusted.overlay.uuid", "random, made at the first mount");

  private UpperImage() {}

  /** Takes the image of an upper that is not mounted. */
  static TreeImage of(int upperFd, FileFacts reader) {
    return TreeImage.ofLayer(upperFd, reader, UpperImage::isCompared);
  }

  /** Lamina's own marks mean nothing to others, so they are nothing that could be equal. */
  static boolean isCompared(String xattr) {
    return !IGNORED.containsKey(xattr) && !xattr.startsWith(PRIVATE_PREFIX);
  }
}
