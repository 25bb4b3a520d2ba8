package dev.lamina.cli.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Places the boxes of a forest. From left to right there is a column for each depth, as wide as its
 * widest box. The boxes that lie on the same layer are above each other, and the box of that layer
 * is at the middle of their height. It works without recursion, because images may have any number
 * of layers.
 */
final class Layout {
  static final int COLUMN_GAP = 36;
  private static final int ROW_GAP = 12;

  private final List<Box> boxes;
  private final Map<Box, List<Box>> children = new HashMap<>();

  /** The height that a box needs together with all boxes that lie on it. */
  private final Map<Box, Integer> bands = new HashMap<>();

  private int right;
  private int bottom;

  /**
   * Places all boxes.
   *
   * @param boxes in an order in which each comes after the one that it lies on
   * @param left the left edge of the roots
   * @param top the top edge of the first tree
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

  /** Returns the right edge of the rightmost box. */
  int right() {
    return right;
  }

  /** Returns the bottom edge of the lowest box. */
  int bottom() {
    return bottom;
  }
}
