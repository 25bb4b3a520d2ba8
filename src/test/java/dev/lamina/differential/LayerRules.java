package dev.lamina.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Leaves out of layers what no layer can have: entries without a directory to be in, hard links to
 * nothing, and whiteouts that hide nothing.
 *
 * <p>The last are possible on disk, but overlayfs never makes one, and does not hide one itself: a
 * directory that comes from a single layer it lists as it is. Shrinking would be led astray by
 * that.
 */
final class LayerRules {
  private static final LayerEntry.Whiteout WHITEOUT = new LayerEntry.Whiteout();

  /** What the layers so far show, bottom-up; true for a directory. */
  private final Map<Location, Boolean> visible = new HashMap<>();

  /** The layers without what cannot be; topmost first, as given. */
  static List<List<LayerEntry>> apply(List<List<LayerEntry>> layers) {
    LayerRules rules = new LayerRules();
    List<List<LayerEntry>> result = new ArrayList<>();
    for (int i = layers.size() - 1; i >= 0; i--) {
      result.add(rules.addOnTop(layers.get(i)));
    }
    Collections.reverse(result);
    return result;
  }

  /** What a mount of the layers, topmost first, shows; true for directories. */
  static Map<Location, Boolean> visible(List<List<LayerEntry>> layers) {
    LayerRules rules = new LayerRules();
    for (int i = layers.size() - 1; i >= 0; i--) {
      rules.addOnTop(layers.get(i));
    }
    return rules.visible();
  }

  /** Puts a layer on those before; what of it there can be. */
  List<LayerEntry> addOnTop(List<LayerEntry> layer) {
    List<LayerEntry> kept = new ArrayList<>();
    Map<Location, LayerEntry> own = new HashMap<>();
    for (LayerEntry entry : layer) {
      if (isPossible(entry, own)) {
        kept.add(entry);
        own.put(entry.at(), entry);
        show(entry);
      }
    }
    return List.copyOf(kept);
  }

  /**
   * What the layers show, all that a whiteout in a further layer could hide; true for directories.
   */
  Map<Location, Boolean> visible() {
    return Map.copyOf(visible);
  }

  private boolean isPossible(LayerEntry entry, Map<Location, LayerEntry> own) {
    Location parent = entry.at().parent();
    if (!parent.names().isEmpty()
        && !(own.containsKey(parent)
            && own.get(parent).content() instanceof LayerEntry.Directory)) {
      return false;
    }
    if (entry.content() instanceof LayerEntry.HardLink link) {
      return own.containsKey(link.target());
    }
    return !entry.content().equals(WHITEOUT) || visible.containsKey(entry.at());
  }

  private void show(LayerEntry entry) {
    boolean merges =
        entry.content() instanceof LayerEntry.Directory directory
            && !directory.opaque()
            && visible.getOrDefault(entry.at(), false);
    if (!merges) {
      List<String> names = entry.at().names();
      visible
          .keySet()
          .removeIf(
              at ->
                  at.names().size() >= names.size()
                      && at.names().subList(0, names.size()).equals(names));
    }
    if (!entry.content().equals(WHITEOUT)) {
      visible.put(entry.at(), entry.content() instanceof LayerEntry.Directory);
    }
  }
}
