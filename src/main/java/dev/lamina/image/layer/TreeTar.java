package dev.lamina.image.layer;

import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes the tree that a stack of layers shows as a plain tar, without whiteouts, beginning with
 * the root directory. Reproducible, as {@link LayerDiff} is.
 */
public final class TreeTar {
  private final LayerStack stack;
  private final TarOptions options;

  /**
   * @param stack topmost first, with an upper or without; it stays the caller's
   */
  public TreeTar(LayerStack stack, TarOptions options) {
    this.stack = stack;
    this.options = options;
  }

  /**
   * Writes the tree.
   *
   * @param out gets an uncompressed tar and is flushed; it stays the caller's
   * @return the number of entries
   * @throws IOException when {@code out} fails, or something cannot be read: then the message has
   *     its path
   */
  public long writeTo(OutputStream out) throws IOException {
    return TreeToTar.write(stack, stack.size(), options, out);
  }
}
