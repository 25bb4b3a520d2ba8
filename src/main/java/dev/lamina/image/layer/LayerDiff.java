package dev.lamina.image.layer;

import dev.lamina.layer.LayerStack;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes the changes that the upper of a mount makes to the layers below it as a layer (OCI image
 * layer specification).
 *
 * <ul>
 *   <li>Objects that are new or changed are written whole, with the directories above them. An
 *       object that was copied up and is the same as below is left out, unless it has several
 *       names, which would then no longer be links of one file.
 *   <li>What was removed is a whiteout where a layer below would show it. Whiteouts come first in
 *       their directory, as the specification requires.
 *   <li>A directory that replaces one of the layers below (an opaque one, or one that was renamed
 *       to its path) is written with everything that it shows, after an opaque whiteout.
 *   <li>Metacopies are written as whole files; marks of overlay file systems are not written.
 *   <li>The root directory has an entry, {@code ./}, when its own attributes have changed.
 * </ul>
 *
 * <p>Hard links are links within the layer. A name of a file whose other names are not written,
 * such as one that the rename of a directory has moved, becomes a file of its own, since a link
 * cannot lead to another layer. With overlayfs's {@code index=on}, changing a lower file by one of
 * its names changes it under the others as well; here only the name in the upper counts, as in a
 * mount without an index.
 *
 * <p>The whiteout of a name of more than 251 bytes has a name that is too long for a file; programs
 * that unpack the layer never create a file of that name, but a whiteout in their own format.
 *
 * <p>The output depends on the trees alone, and not on inode numbers, the order of listings, or
 * access and change times. A mount may be in use while its upper is read, but then the files may be
 * from different moments; see {@link ObjectWriter} for files that change while they are read.
 */
public final class LayerDiff {
  private final LayerStack stack;
  private final TarOptions options;

  /**
   * @param stack the upper and below it the lower layers, topmost first, or the one layer of a base
   *     image; it is not closed
   */
  public LayerDiff(LayerStack stack, TarOptions options) {
    this.stack = stack;
    this.options = options;
  }

  /**
   * Writes the layer.
   *
   * @param out receives an uncompressed tar archive; it is flushed and not closed
   * @return the number of entries; 0 when nothing has changed
   * @throws IOException when {@code out} fails, or when something cannot be read; then the message
   *     has its path
   */
  public long writeTo(OutputStream out) throws IOException {
    return TreeToTar.write(stack, 1, options, out);
  }
}
