package dev.lamina.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Delta debugging (Zeller and Hildebrandt, 2002) of a list: removes what is not needed for it to
 * fail, in ever smaller pieces.
 */
final class Shrinker {
  private final long deadline;

  /**
   * @param deadline {@link System#nanoTime} after which nothing more is tried
   */
  Shrinker(long deadline) {
    this.deadline = deadline;
  }

  /**
   * A part of {@code list}, in the same order, that fails; with enough time, one of which no single
   * element can be left out.
   *
   * @param fails tells whether a part fails; {@code list} itself does
   */
  <T> List<T> shrink(List<T> list, Predicate<List<T>> fails) {
    List<T> current = list;
    int pieces = 1;
    while (!current.isEmpty() && !isOver()) {
      List<T> smaller = withoutOnePiece(current, pieces, fails);
      if (smaller != null) {
        current = smaller;
        pieces = Math.max(1, Math.min(pieces - 1, current.size()));
      } else if (pieces < current.size()) {
        pieces = Math.min(2 * pieces, current.size());
      } else {
        break;
      }
    }
    return current;
  }

  boolean isOver() {
    return System.nanoTime() - deadline >= 0;
  }

  /** From the end: later elements are more often needless, as nothing builds on them. */
  private <T> List<T> withoutOnePiece(List<T> list, int pieces, Predicate<List<T>> fails) {
    for (int piece = pieces - 1; piece >= 0 && !isOver(); piece--) {
      int from = (int) ((long) list.size() * piece / pieces);
      int to = (int) ((long) list.size() * (piece + 1) / pieces);
      List<T> rest = new ArrayList<>(list.subList(0, from));
      rest.addAll(list.subList(to, list.size()));
      if (fails.test(rest)) {
        return rest;
      }
    }
    return null;
  }
}
