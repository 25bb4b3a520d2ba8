package dev.lamina.cli.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the boxes of a forest are: a column for each depth, as wide as its widest box, from left to
 * right; above each other what lies on the same layer, and that layer in the middle of it. Works
 * through a list instead of calling itself, since images may have any number of layers.
 */
final class Layout {
  static final int COLUMN_GAP = 36;
  private static final int ROW_GAP = 12;

  private final List<Box> boxes;
  private final Map<Box, List<Box>> children = new HashMap<>();

  /** Height of a box and of all that lies on it. */
  private final Map<Box, Integer> bands = new HashMap<>();

  private int right;
  private int bottom;

  /**
   * @param boxes each after the one it lies on
   * @param left where the roots begin
   * @param top where the first tree begins
   */
  Layout(List<Box> boxes, int left, int top) {
    this.boxes = boxes;
    for (Box box : boxes) {
      children.computeIfAbsent(box.parent, none -> new ArrayList<>()).add(box);
    }
    right = left;
    bottom = top;
    placeColumns(left);
    placeRows(top);
  }

  private void placeColumns(int left) {
    List<Integer> widths = new ArrayList<>();
    for (Box box : boxes) {
      while (widths.size() <= box.depth) {
        widths.add(0);
      }
      widths.set(box.depth, Math.max(widths.get(box.depth), box.width));
    }
    List<Integer> starts = new ArrayList<>();
    int x = left;
    for (int width : widths) {
      starts.add(x);
      x += width + COLUMN_GAP;
    }
    for (Box box : boxes) {
      box.x = starts.get(box.depth);
      right = Math.max(right, box.x + box.width);
    }
  }

  private void placeRows(int top) {
    for (int i = boxes.size() - 1; i >= 0; i--) {
      Box box = boxes.get(i);
      bands.put(box, Math.max(box.height, heightOf(above(box))));
    }
    place(above(null), top);
    for (Box box : boxes) {
      List<Box> all = above(box);
      place(all, box.middle() - heightOf(all) / 2);
      bottom = Math.max(bottom, box.y + box.height);
    }
  }

  private void place(List<Box> all, int top) {
    int y = top;
    for (Box box : all) {
      box.y = y + (bands.get(box) - box.height) / 2;
      y += bands.get(box) + ROW_GAP;
    }
  }

  private List<Box> above(Box box) {
    return children.getOrDefault(box, List.of());
  }

  private int heightOf(List<Box> all) {
    return all.stream().mapToInt(bands::get).sum() + Math.max(0, all.size() - 1) * ROW_GAP;
  }

  /** Where the rightmost box ends. */
  int right() {
    return right;
  }

  /** Where the lowest box ends. */
  int bottom() {
    return bottom;
  }
}
