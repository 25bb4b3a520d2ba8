package dev.lamina.cli.tree;

import java.util.Locale;
import java.util.function.UnaryOperator;

/** The characters that draw a tree as text. */
public enum Lines {
  BOX("├─ ", "└─ ", "│  ", "○", "●", "◆", "◇"),
  ASCII("|- ", "`- ", "|  ", "o", "*", "@", "@");

  /** The indentation below the last branch. */
  static final String BLANK = "   ";

  final String branch;
  final String lastBranch;
  final String past;
  final String layer;

  /** The sign for a layer that is the topmost of an image. */
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
   * Returns box-drawing characters when the charset of the locale is UTF-8, or else ASCII. See
   * locale(7) for the variables that determine the charset.
   *
   * @param environment returns the value of a variable; null when it is not set
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
