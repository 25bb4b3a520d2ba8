package dev.lamina.cli.tree;

/**
 * How large layers are.
 *
 * @param bytes of all files; of a layer that is not unpacked, of its blob
 * @param isExact false when a layer that is not unpacked counts in it
 */
public record Size(long bytes, boolean isExact) {
  static final Size NONE = new Size(0, true);

  Size plus(Size other) {
    return new Size(bytes + other.bytes, isExact && other.isExact);
  }
}
