package dev.lamina.cli.tree;

import dev.lamina.image.Messages;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Writes a forest as text, with a line for each layer. The layers of one run are below each other
 * with the same indentation; what branches off from a layer, or is built on an image, is indented
 * further. The other columns give the size of the layer, its size with all layers below it, the
 * number of images that contain it, the names of the images whose topmost layer it is, and the step
 * that made it.
 */
public final class TextTree {
  private static final int STEP_LENGTH = 50;
  private static final String GAP = "  ";

  /** The columns with numbers, which are aligned to the right. */
  private static final List<Integer> NUMBERS = List.of(1, 2, 3);

  private final Labels labels;
  private final Lines lines;
  private final List<String[]> rows = new ArrayList<>();

  private TextTree(Labels labels, Lines lines) {
    this.labels = labels;
    this.lines = lines;
  }

  /** Returns the forest as lines, each of which ends with a newline. */
  public static String of(Forest forest, Labels labels, Lines lines) {
    TextTree tree = new TextTree(labels, lines);
    tree.rows.add(new String[] {"LAYER", "SIZE", "TOTAL", "IN", "NAMES", "CREATED BY"});
    for (Iterator<Run> roots = forest.roots().iterator(); roots.hasNext(); ) {
      tree.run(roots.next(), "", "");
      if (roots.hasNext() || !forest.withoutLayers().isEmpty()) {
        tree.rows.add(new String[0]);
      }
    }
    for (Image image : forest.withoutLayers()) {
      String none = labels.size(Size.NONE);
      tree.rows.add(
          new String[] {lines.image + " (no layers)", none, none, "", labels.names(image), ""});
      tree.above(List.of(image), List.of(), "");
    }
    tree.rows.add(new String[0]);
    return tree.aligned() + labels.summary(forest.summary()) + "\n";
  }

  /**
   * Adds the rows of a run and of what lies on it.
   *
   * @param first the text to the left of the first layer
   * @param rest the text to the left of the other layers, and of what lies on them
   */
  private void run(Run run, String first, String rest) {
    int last = run.layers().size() - 1;
    for (int i = 0; i <= last; i++) {
      boolean isImage = i == last && !run.images().isEmpty();
      Layer layer = run.layers().get(i);
      rows.add(
          new String[] {
            (i == 0 ? first : rest)
                + (isImage ? lines.image : lines.layer)
                + " "
                + labels.id(layer.diffId()),
            labels.size(layer.size()),
            labels.size(layer.total()),
            Integer.toString(layer.images()),
            isImage ? String.join("; ", run.images().stream().map(labels::names).toList()) : "",
            labels.step(layer.step(), STEP_LENGTH)
          });
    }
    above(run.images(), run.children(), rest);
  }

  /** Adds the rows of the mounts of images, and of the runs on their topmost layer. */
  private void above(List<Image> images, List<Run> children, String rest) {
    int left = children.size() + images.stream().mapToInt(image -> image.mounts().size()).sum();
    for (Image image : images) {
      for (Mount mount : image.mounts()) {
        left--;
        rows.add(
            new String[] {
              rest
                  + (left == 0 ? lines.lastBranch : lines.branch)
                  + (mount.place() == null ? lines.kept : lines.mounted)
                  + " "
                  + Messages.plain(mount.name()),
              "",
              "",
              "",
              images.size() == 1 ? mount.state() : mount.state() + ", of " + labels.names(image),
              mount.place() == null ? "" : Messages.plain(mount.place())
            });
      }
    }
    for (Run child : children) {
      left--;
      run(
          child,
          rest + (left == 0 ? lines.lastBranch : lines.branch),
          rest + (left == 0 ? Lines.BLANK : lines.past));
    }
  }

  private String aligned() {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], length(row[i]));
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String blanks = " ".repeat(widths[i] - length(row[i]));
        line.append(i == 0 ? "" : GAP);
        line.append(NUMBERS.contains(i) ? blanks + row[i] : row[i] + blanks);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
