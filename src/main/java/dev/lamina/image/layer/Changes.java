package dev.lamina.image.layer;

import dev.lamina.image.layer.Change.Kind;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Lists what is different between two trees, as {@code docker diff} does: one change for each path,
 * directories before what is in them, names in bytewise order. A directory in which something has
 * changed counts as changed; of one that is gone only itself is told, of a new one everything in
 * it.
 *
 * <p>A change of the root directory itself has the empty path.
 */
public final class Changes {
  private Changes() {}

  /**
   * What an upper says beyond the layers below it: what {@link LayerDiff} writes, but with a
   * directory that has taken another one's place compared name by name.
   *
   * @param stack the upper, and below it the lower layers; it stays the caller's
   * @throws IOException when something cannot be read, with its path
   */
  public static void ofUpper(LayerStack stack, Consumer<Change> changes) throws IOException {
    list(stack, 0, stack, 1, true, changes);
  }

  /**
   * How one image's tree is different from another's. What lies in layers that both use is not
   * looked at.
   *
   * @param newer topmost first, as is {@code older}; both stay the caller's
   * @throws IOException when something cannot be read, with its path
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
