package dev.lamina.cli.tree;

/**
 * A mount of an image.
 *
 * @param place where it is mounted; null when it is not, and only its upper is kept
 */
public record Mount(String name, boolean isReadOnly, String place) {
  /** In a few words. */
  String state() {
    return (place == null ? "kept" : "mounted") + (isReadOnly ? ", read-only" : "");
  }
}
