package dev.lamina.cli.tree;

/** Escapes text for XML. */
final class Xml {
  private static final int REPLACEMENT = 0xfffd;

  private Xml() {}

  /**
   * Escapes text for elements and for attributes in double quotes. Characters that XML 1.0 does not
   * allow (section 2.2, "Char") become U+FFFD.
   */
  static String escape(String text) {
    StringBuilder xml = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> xml.append("&amp;");
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '"' -> xml.append("&quot;");
                default -> xml.appendCodePoint(isAllowed(c) ? c : REPLACEMENT);
              }
            });
    return xml.toString();
  }

  private static boolean isAllowed(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || c >= ' ' && c < Character.MIN_SURROGATE
        || c > Character.MAX_SURROGATE && c < 0xfffe
        || c >= Character.MIN_SUPPLEMENTARY_CODE_POINT;
  }
}
