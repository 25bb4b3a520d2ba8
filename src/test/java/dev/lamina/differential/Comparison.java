package dev.lamina.differential;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares facts, sorts out the differences that are allowed and counts them. */
final class Comparison {
  private final Map<String, Integer> allowed = new TreeMap<>();
  private final Abilities subject;

  Comparison(Abilities subject) {
    this.subject = subject;
  }

  /** The first difference between two sets of facts that is not allowed; null without one. */
  Difference compare(String kind, String place, Facts expected, Facts actual) {
    Set<String> names = new LinkedHashSet<>(expected.asMap().keySet());
    names.addAll(actual.asMap().keySet());
    for (String name : names) {
      String e = expected.get(name);
      String a = actual.get(name);
      if (e == null ? a != null : !e.equals(a)) {
        Difference difference = new Difference(kind, place, name, e, a);
        AllowedDifferences.Entry entry = AllowedDifferences.find(difference, subject);
        if (entry == null) {
          return difference;
        }
        allowed.merge(entry.name(), 1, Integer::sum);
      }
    }
    return null;
  }

  /** The first difference between two trees that is not allowed; null without one. */
  Difference compareTrees(String kind, SortedMap<String, Facts> expected, TreeImage actual) {
    Set<String> paths = new TreeSet<>(expected.keySet());
    paths.addAll(actual.files().keySet());
    for (String path : paths) {
      Facts e = expected.get(path);
      Facts a = actual.files().get(path);
      String place = kind + ": " + path;
      if (e == null || a == null) {
        return new Difference(kind, place, "exists", String.valueOf(e), String.valueOf(a));
      }
      Difference difference = compare(kind, place, e, a);
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  Difference compareTrees(String kind, TreeImage expected, TreeImage actual) {
    return compareTrees(kind, expected.files(), actual);
  }

  /** How often each allowed difference was met, by its name. */
  Map<String, Integer> allowed() {
    return allowed;
  }
}
