package dev.lamina.cli.tree;

/**
 * A mount of an image.
 *
 * @param place the mount point; null when it is not mounted, and only its upper is kept
 */
public record Mount(String name, boolean isReadOnly, String place) {
  /** Describes the state in a few words. */
  String state() {
    return (place == null ? "kept" : "mounted") + (isReadOnly ? ", read-only" : "");
  }
}
