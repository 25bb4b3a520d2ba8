package dev.lamina.differential;

/**
 * One fact that is not the same on both sides.
 *
 * @param kind which comparison found it: an operation's kind, or a comparison of whole trees
 * @param place the operation or the path
 * @param fact the fact's name
 * @param expected what the reference says; null when it does not have the fact
 * @param actual what the subject says; null when it does not have the fact
 */
record Difference(String kind, String place, String fact, String expected, String actual) {
  /** True when both are likely to be the same defect: a shrunk scenario must show the same one. */
  boolean isLike(Difference other) {
    return other != null && kind.equals(other.kind) && fact.equals(other.fact);
  }

  @Override
  public String toString() {
    return place + "\n  " + fact + "\n    expected: " + expected + "\n    actual:   " + actual;
  }
}
