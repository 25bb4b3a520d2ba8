package dev.lamina.cli.tree;

/**
 * The size of one or more layers.
 *
 * @param bytes the bytes of all files, or, for a layer that is not unpacked, of its blob
 * @param isExact false when it includes a layer that is not unpacked
 */
public record Size(long bytes, boolean isExact) {
  static final Size NONE = new Size(0, true);

  Size plus(Size other) {
    return new Size(bytes + other.bytes, isExact && other.isExact);
  }
}
