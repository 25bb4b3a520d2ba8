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
    int end = Math.min(text.length(), LONGEST);
    String shown = plain(text.substring(0, end));
    return end < text.length() ? shown + "…" : shown;
  }

  /** The same, however long it is. */
  public static String plain(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c);
    }
    return shown.toString();
  }
}
