package dev.lamina.image;

/** Words of others in messages of ours. */
public final class Words {
  private static final int LONGEST = 200;

  private Words() {}

  /**
   * What somebody else wrote, fit to be shown: not too long, and without characters that move a
   * terminal's cursor or change its colours.
   */
  public static String quote(String text) {
    StringBuilder shown = new StringBuilder();
    int end = Math.min(text.length(), LONGEST);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c);
    }
    return end < text.length() ? shown + "…" : shown.toString();
  }
}
