package dev.lamina.cli.tree;

import dev.lamina.image.Messages;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a forest as a self-contained SVG picture. From left to right there is a box for each layer,
 * with the names of the images whose topmost layer it is. The colours follow the reader's choice of
 * a light or dark scheme. The same forest gives the same bytes.
 */
public final class SvgTree {
  private static final int MARGIN = 20;
  private static final int STEP_LENGTH = 24;
  private static final int BASELINE = 12;

  private static final String STYLE =
      """
      <style>
        text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
        .name { font-weight: bold }
        .note { fill: #57606a }
        .back { fill: #ffffff }
        .layer { fill: #f6f8fa; stroke: #8c959f }
        .image { fill: #ddf4ff; stroke: #0969da; stroke-width: 1.5 }
        .mounted { fill: #dafbe1; stroke: #1a7f37 }
        .kept { fill: #ffffff; stroke: #1a7f37; stroke-dasharray: 4 3 }
        .edge { fill: none; stroke: #8c959f; stroke-width: 1.5 }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3 }
          .note { fill: #9da7b3 }
          .back { fill: #0d1117 }
          .layer { fill: #161b22; stroke: #6e7681 }
          .image { fill: #121d2f; stroke: #58a6ff }
          .mounted { fill: #12261e; stroke: #3fb950 }
          .kept { fill: #0d1117; stroke: #3fb950 }
          .edge { stroke: #6e7681 }
        }
      </style>
      """;

  private final Labels labels;
  private final List<Box> boxes = new ArrayList<>();
  private final StringBuilder svg = new StringBuilder();

  private SvgTree(Labels labels) {
    this.labels = labels;
  }

  /** Returns the document, which is to be written in UTF-8. */
  public static String of(Forest forest, Labels labels) {
    SvgTree tree = new SvgTree(labels);
    for (Run root : forest.roots()) {
      tree.add(root, null);
    }
    for (Image image : forest.withoutLayers()) {
      List<Image> images = List.of(image);
      Box box =
          tree.add(Box.Kind.IMAGE, tree.names(images), List.of("no layers"), title(images), null);
      tree.addMounts(images, box);
    }
    return tree.document(labels.summary(forest.summary()));
  }

  private void add(Run run, Box parent) {
    Box below = parent;
    for (int i = 0; i < run.layers().size(); i++) {
      Layer layer = run.layers().get(i);
      List<Image> images = i == run.layers().size() - 1 ? run.images() : List.of();
      List<String> lines = new ArrayList<>();
      String size = labels.size(layer.size());
      lines.add(labels.id(layer.diffId()) + " · " + size);
      if (layer.images() > 1) {
        lines.add("in " + layer.images() + " images");
      }
      String step = labels.step(layer.step(), STEP_LENGTH);
      if (!step.isEmpty()) {
        lines.add(step);
      }
      String title =
          layer.diffId() + "\n" + size + ", with all below " + labels.size(layer.total());
      if (!step.isEmpty()) {
        title += "\n" + Messages.quote(Labels.wholeStep(layer.step()));
      }
      Box.Kind kind = images.isEmpty() ? Box.Kind.LAYER : Box.Kind.IMAGE;
      below = add(kind, names(images), lines, title + title(images), below);
    }
    addMounts(run.images(), below);
    for (Run child : run.children()) {
      add(child, below);
    }
  }

  /** Returns a line for each name. */
  private List<String> names(List<Image> images) {
    List<String> all = new ArrayList<>();
    for (Image image : images) {
      if (image.names().isEmpty()) {
        all.add(labels.names(image));
      }
      image.names().forEach(name -> all.add(Messages.plain(name)));
    }
    return all;
  }

  private static String title(List<Image> images) {
    StringBuilder title = new StringBuilder();
    images.forEach(image -> title.append("\nimage ").append(image.id()));
    return title.toString();
  }

  private void addMounts(List<Image> images, Box below) {
    for (Image image : images) {
      for (Mount mount : image.mounts()) {
        Box.Kind kind = mount.place() == null ? Box.Kind.KEPT : Box.Kind.MOUNTED;
        List<String> lines = new ArrayList<>(List.of(mount.state()));
        if (mount.place() != null) {
          lines.add(Messages.plain(mount.place()));
        }
        String title = "a mount of " + labels.names(image);
        add(kind, List.of(Messages.plain(mount.name())), lines, title, below);
      }
    }
  }

  private Box add(Box.Kind kind, List<String> names, List<String> lines, String title, Box parent) {
    Box box = new Box(kind, names, lines, title, parent);
    boxes.add(box);
    return box;
  }

  private String document(String summary) {
    Layout layout = new Layout(boxes, MARGIN, 2 * MARGIN + Box.LINE_HEIGHT);
    int width = Math.max(layout.right(), MARGIN + Box.width(summary)) + MARGIN;
    int height = layout.bottom() + MARGIN;
    line(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" aria-label=\"Images and their layers\">",
        width, height, width, height);
    svg.append(STYLE);
    line("<rect class=\"back\" width=\"%d\" height=\"%d\"/>", width, height);
    text("note", MARGIN, MARGIN + BASELINE, summary);
    for (Box box : boxes) {
      if (box.parent != null) {
        edge(box.parent, box);
      }
    }
    boxes.forEach(this::draw);
    return svg.append("</svg>\n").toString();
  }

  private void edge(Box from, Box to) {
    int start = from.x + from.width;
    // The curve begins at the end of the column, so that it does not cross wider boxes in it.
    int bend = (to.x - Layout.COLUMN_GAP) - start;
    line(
        "<path class=\"edge\" d=\"M%d,%d h%d C%d,%d %d,%d %d,%d\"/>",
        start,
        from.middle(),
        Math.max(bend, 0),
        to.x - Layout.COLUMN_GAP / 2,
        from.middle(),
        to.x - Layout.COLUMN_GAP / 2,
        to.middle(),
        to.x,
        to.middle());
  }

  private void draw(Box box) {
    line("<g><title>%s</title>", Xml.escape(box.title));
    line(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>",
        box.kind.name().toLowerCase(Locale.ROOT), box.x, box.y, box.width, box.height);
    int x = box.x + Box.PADDING;
    int y = box.y + Box.PADDING / 2 + BASELINE;
    for (String name : box.names) {
      text("name", x, y, name);
      y += Box.LINE_HEIGHT;
    }
    for (String text : box.lines) {
      text("note", x, y, text);
      y += Box.LINE_HEIGHT;
    }
    line("</g>");
  }

  private void text(String style, int x, int y, String text) {
    line("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>", style, x, y, Xml.escape(text));
  }

  private void line(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
