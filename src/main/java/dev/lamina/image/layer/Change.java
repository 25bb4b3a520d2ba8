package dev.lamina.image.layer;

/**
 * A difference between two trees.
 *
 * @param path relative to the root; empty for the root directory
 */
public record Change(Kind kind, byte[] path) {
  /** How a path differs. */
  public enum Kind {
    ADDED,
    /** The type, attributes or contents differ, or those of something in a directory. */
    CHANGED,
    /** The path is gone, with everything below it. */
    DELETED;

    /** Returns the letter that docker and podman show: A, C or D. */
    public char letter() {
      return name().charAt(0);
    }
  }
}
