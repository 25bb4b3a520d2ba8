package dev.lamina.cli.tree;

import java.util.Locale;
import java.util.function.UnaryOperator;

/** The characters that a tree is drawn with as text. */
public enum Lines {
  BOX("├─ ", "└─ ", "│  ", "○", "●", "◆", "◇"),
  ASCII("|- ", "`- ", "|  ", "o", "*", "@", "@");

  /** What comes below where nothing else does. */
  static final String BLANK = "   ";

  final String branch;
  final String lastBranch;
  final String past;
  final String layer;

  /** A layer that is an image's topmost. */
  final String image;

  final String mounted;
  final String kept;

  Lines(
      String branch,
      String lastBranch,
      String past,
      String layer,
      String image,
      String mounted,
      String kept) {
    this.branch = branch;
    this.lastBranch = lastBranch;
    this.past = past;
    this.layer = layer;
    this.image = image;
    this.mounted = mounted;
    this.kept = kept;
  }

  /**
   * Box-drawing characters where the locale's charset is UTF-8; which variable tells that, see
   * locale(7).
   *
   * @param environment a variable's value; null where it is not set
   */
  public static Lines of(UnaryOperator<String> environment) {
    for (String variable : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
      String value = environment.apply(variable);
      if (value != null && !value.isEmpty()) {
        String lower = value.toLowerCase(Locale.ROOT);
        return lower.contains("utf-8") || lower.contains("utf8") ? BOX : ASCII;
      }
    }
    return ASCII;
  }
}
