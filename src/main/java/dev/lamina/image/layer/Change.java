package dev.lamina.image.layer;

/**
 * A difference between two trees.
 *
 * @param path relative, bytes; empty for the root directory
 */
public record Change(Kind kind, byte[] path) {
  /** What has happened to a path. */
  public enum Kind {
    ADDED,
    /** Another type, other attributes or contents; of a directory also: something in it. */
    CHANGED,
    /** With all that was below it. */
    DELETED;

    /** As docker and podman abbreviate it: A, C or D. */
    public char letter() {
      return name().charAt(0);
    }
  }
}
