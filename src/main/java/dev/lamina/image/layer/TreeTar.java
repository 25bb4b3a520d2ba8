package dev.lamina.image.layer;

import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes the tree that a stack of layers shows as a plain tar archive, without whiteouts, beginning
 * with the root directory. The output is reproducible, like that of {@link LayerDiff}.
 */
public final class TreeTar {
  private final LayerStack stack;
  private final TarOptions options;

  /**
   * @param stack topmost layer first, with or without an upper; it is not closed
   */
  public TreeTar(LayerStack stack, TarOptions options) {
    this.stack = stack;
    this.options = options;
  }

  /**
   * Writes the tree.
   *
   * @param out receives an uncompressed tar archive; it is flushed and not closed
   * @return the number of entries
   * @throws IOException when {@code out} fails, or when something cannot be read; then the message
   *     has its path
   */
  public long writeTo(OutputStream out) throws IOException {
    return TreeToTar.write(stack, stack.size(), options, out);
  }
}
