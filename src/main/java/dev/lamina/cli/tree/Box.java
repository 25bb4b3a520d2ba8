package dev.lamina.cli.tree;

import java.util.List;

/** A box in the picture, which shows a layer or a mount. All lengths are in pixels. */
final class Box {
  /** What a box stands for, which determines its colours. */
  enum Kind {
    LAYER,
    IMAGE,
    MOUNTED,
    KEPT
  }

  static final int LINE_HEIGHT = 16;
  static final int PADDING = 10;

  /** The width in a monospace font of 12 pixels, rounded up: 0.6 em, or 7.2 pixels, is common. */
  private static final double CHARACTER_WIDTH = 7.4;

  final Kind kind;

  /** The first lines, which are bold. */
  final List<String> names;

  final List<String> lines;

  /** The text that is shown while the pointer rests on the box. */
  final String title;

  /** The box of the layer below; null for a root. */
  final Box parent;

  final int depth;
  final int width;
  final int height;

  /** Set by {@link Layout}. */
  int x;

  int y;

  Box(Kind kind, List<String> names, List<String> lines, String title, Box parent) {
    this.kind = kind;
    this.names = names;
    this.lines = lines;
    this.title = title;
    this.parent = parent;
    depth = parent == null ? 0 : parent.depth + 1;
    int longest = 0;
    for (String name : names) {
      longest = Math.max(longest, width(name));
    }
    for (String line : lines) {
      longest = Math.max(longest, width(line));
    }
    width = longest + 2 * PADDING;
    height = (names.size() + lines.size()) * LINE_HEIGHT + PADDING;
  }

  int middle() {
    return y + height / 2;
  }

  /** Returns an upper estimate of the width of a text, because the reader's font is unknown. */
  static int width(String text) {
    int cells = text.codePoints().map(c -> isWide(c) ? 2 : 1).sum();
    return (int) Math.ceil(cells * CHARACTER_WIDTH);
  }

  /** Returns true for East Asian characters and pictographs, which take two cells. */
  private static boolean isWide(int c) {
    return c >= 0x1100 && (c <= 0x115f || c >= 0x2e80 && c <= 0xffe6 || c >= 0x1f000);
  }
}
