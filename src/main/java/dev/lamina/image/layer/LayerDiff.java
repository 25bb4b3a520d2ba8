package dev.lamina.image.layer;

import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Makes a layer (OCI image specification, layer) of what the upper of a mount says beyond the
 * layers below it.
 *
 * <ul>
 *   <li>What is new or changed is written whole, with the directories it is in. What was copied up
 *       and is as it was below is left out, unless it has several names, which then would not be
 *       links of one file any more.
 *   <li>What is gone is a whiteout, where a layer below would show it; whiteouts come before all
 *       else in their directory, as the specification wants.
 *   <li>A directory in whose place the layers below have another one (an opaque one, or one that
 *       was renamed to there) is written with all that it shows, after an opaque whiteout.
 *   <li>Metacopies are whole files; marks of overlay file systems are not written.
 *   <li>The root directory has an entry, {@code ./}, when its own attributes have changed.
 * </ul>
 *
 * <p>Hard links are links within the layer. A link between a file that is written and one that is
 * not, such as one of two names that a rename of a directory has brought elsewhere, becomes a file
 * of its own: no reader can link to another layer. With overlayfs's {@code index=on} a change of
 * one of two names of a lower file changes the other as well; here only the name counts that the
 * upper has, as in a mount without an index.
 *
 * <p>The whiteout of a name of more than 251 bytes has a name that is longer than a file's can be;
 * readers make whiteouts of their own of it and never a file.
 *
 * <p>The bytes depend on the trees alone: not on inode numbers, the order of listings, or access
 * and change times. A mount may go on while its upper is read, but then files can be of different
 * moments; see {@link ObjectWriter} for those that change while they are read.
 */
public final class LayerDiff {
  private final LayerStack stack;
  private final TarOptions options;

  /**
   * @param stack the upper, and below it the lower layers, topmost first; of a base image the one
   *     layer. It stays the caller's
   */
  public LayerDiff(LayerStack stack, TarOptions options) {
    this.stack = stack;
    this.options = options;
  }

  /**
   * Writes the layer.
   *
   * @param out gets an uncompressed tar and is flushed; it stays the caller's
   * @return the number of entries; 0 when nothing has changed
   * @throws IOException when {@code out} fails, or something cannot be read: then the message has
   *     its path
   */
  public long writeTo(OutputStream out) throws IOException {
    return TreeToTar.write(stack, 1, options, out);
  }
}
