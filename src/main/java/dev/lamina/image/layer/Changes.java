package dev.lamina.image.layer;

import dev.lamina.image.layer.Change.Kind;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Lists the differences between two trees as {@code docker diff} does: one change for each path,
 * directories before their contents, names in bytewise order. A directory in which something has
 * changed counts as changed. A directory that is gone is one change; of a new one, everything in it
 * is listed.
 *
 * <p>The path of a change to the root directory itself is empty.
 */
public final class Changes {
  private Changes() {}

  /**
   * Lists what an upper changes in the layers below it. These are the changes that {@link
   * LayerDiff} writes, except that a directory that replaces another one is compared with it name
   * by name.
   *
   * @param stack the upper, and below it the lower layers; it is not closed
   * @throws IOException when something cannot be read; the message has its path
   */
  public static void ofUpper(LayerStack stack, Consumer<Change> changes) throws IOException {
    list(stack, 0, stack, 1, true, changes);
  }

  /**
   * Lists the differences between the trees of two images. Layers that both have in common are not
   * read.
   *
   * @param newer topmost layer first, as is {@code older}; neither is closed
   * @throws IOException when something cannot be read; the message has its path
   */
  public static void between(LayerStack newer, LayerStack older, Consumer<Change> changes)
      throws IOException {
    list(newer, 0, older, 0, false, changes);
  }

  private static void list(
      LayerStack newer,
      int newerFrom,
      LayerStack older,
      int olderFrom,
      boolean linksCount,
      Consumer<Change> changes)
      throws IOException {
    Merge newerMerge = new Merge(newer);
    Merge olderMerge = newer == older ? newerMerge : new Merge(older);
    TreeComparison.Rules rules = new TreeComparison.Rules(false, false);
    try (ObjectReader reader = new ObjectReader();
        ObjectComparison comparison = new ObjectComparison(linksCount, reader)) {
      new TreeComparison(newerMerge, olderMerge, comparison, rules, new Lister(changes))
          .walk(newerFrom, olderFrom);
    }
  }

  private record Lister(Consumer<Change> changes) implements TreeComparison.Visitor {
    @Override
    public void directory(byte[] path, TreeObject newer, Kind kind, boolean isReplacement) {
      changes.accept(new Change(kind, path));
    }

    @Override
    public void object(byte[] path, TreeObject newer, Kind kind) {
      changes.accept(new Change(kind, path));
    }

    @Override
    public void deleted(byte[] directory, byte[] name) {
      changes.accept(new Change(Kind.DELETED, TreePath.join(directory, name)));
    }
  }
}
