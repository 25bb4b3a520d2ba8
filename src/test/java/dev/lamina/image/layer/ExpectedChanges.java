package dev.lamina.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.testing.Snapshot;
import dev.lamina.testing.Tree;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What {@link Changes} should list, found by comparing what a mount shows before and after. */
final class ExpectedChanges {
  private final Map<String, String> before;
  private final Set<String> shared = new HashSet<>();
  private Map<String, String> after;

  ExpectedChanges(Tree tree) {
    before = snapshot(tree);
  }

  void haveBeenMade(Tree tree) {
    after = snapshot(tree);
  }

  private Map<String, String> snapshot(Tree tree) {
    Map<String, String> lines = Snapshot.of(tree);
    for (String path : lines.keySet()) {
      if (!tree.stat(path).isDirectory() && tree.stat(path).nlink > 1) {
        shared.add(path);
      }
    }
    return lines;
  }

  /** Fails when the list differs or is not sorted. */
  void assertSame(List<String> actual) {
    Set<String> expected = new TreeSet<>();
    for (String path : after.keySet()) {
      if (!before.containsKey(path)) {
        add(expected, "A ", path);
      } else if (!before.get(path).equals(after.get(path)) || mayCount(path, actual)) {
        add(expected, "C ", path);
      }
    }
    for (String path : before.keySet()) {
      if (!after.containsKey(path) && isDirectory(after.get(parent(path)))) {
        add(expected, "D ", path);
      }
    }
    assertEquals(expected, new TreeSet<>(actual));
    assertEquals(expected.size(), actual.size(), "no change twice");
    List<String> paths = actual.stream().map(line -> line.substring(2)).toList();
    assertEquals(paths.stream().sorted(ExpectedChanges::compare).toList(), paths, "sorted");
  }

  /** Compares paths by their components. */
  private static int compare(String one, String other) {
    return one.replace('/', '\0').compareTo(other.replace('/', '\0'));
  }

  /** For an object with several names, it is not known whether these are the same as before. */
  private boolean mayCount(String path, List<String> actual) {
    return shared.contains(path) && actual.contains("C " + path);
  }

  /** Adds a path, and the directories above it that have no change of their own. */
  private void add(Set<String> expected, String letter, String path) {
    expected.add(letter + path);
    for (String at = path; !at.isEmpty(); ) {
      at = parent(at);
      if (!at.isEmpty()) {
        expected.add((before.containsKey(at) ? "C " : "A ") + at);
      }
    }
  }

  private static String parent(String path) {
    return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
  }

  private static boolean isDirectory(String line) {
    return line != null && line.startsWith("4");
  }
}
