package dev.lamina.image.layer;

import dev.lamina.image.layer.Change.Kind;
import dev.lamina.image.tar.TarWriter;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import dev.lamina.layer.Opaque;
import dev.lamina.layer.Whiteouts;
import dev.lamina.sys.ErrnoException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes the differences of a tree from an older one to a tar archive, in the form of a layer. */
final class TreeToTar implements TreeComparison.Visitor {
  private static final int BUFFER_SIZE = 256 << 10;

  private final ObjectWriter writer;

  private TreeToTar(ObjectWriter writer) {
    this.writer = writer;
  }

  /**
   * Writes the archive.
   *
   * @param olderFrom the index of the first layer of the older tree; where there is no such layer,
   *     the archive holds the whole tree
   * @param out is flushed and not closed
   * @return the number of entries
   */
  static long write(LayerStack stack, int olderFrom, TarOptions options, OutputStream out)
      throws IOException {
    Merge merge = new Merge(stack);
    TarWriter tar = new TarWriter(new BufferedOutputStream(out, BUFFER_SIZE));
    try (ObjectReader reader = new ObjectReader();
        ObjectComparison comparison = new ObjectComparison(true, reader);
        ObjectWriter writer = new ObjectWriter(tar, reader, options)) {
      TreeComparison.Rules rules = new TreeComparison.Rules(true, true);
      new TreeComparison(merge, merge, comparison, rules, new TreeToTar(writer)).walk(0, olderFrom);
      tar.finish();
      return writer.entries();
    }
  }

  @Override
  public void directory(byte[] path, TreeObject newer, Kind kind, boolean isReplacement)
      throws IOException, ErrnoException {
    writer.write(path, newer);
    if (isReplacement) {
      writer.mark(TreePath.join(path, Opaque.fileName()));
    }
  }

  @Override
  public void object(byte[] path, TreeObject newer, Kind kind) throws IOException, ErrnoException {
    writer.write(path, newer);
  }

  @Override
  public void deleted(byte[] directory, byte[] name) throws IOException {
    writer.mark(TreePath.join(directory, Whiteouts.prefixed(name)));
  }
}
