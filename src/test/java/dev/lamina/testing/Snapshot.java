package dev.lamina.testing;

import dev.lamina.sys.Getdents;
import dev.lamina.sys.Stat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Describes trees as text, one line for each path, so that two can be compared and the differences
 * read.
 */
public final class Snapshot {
  private enum Detail {
    CONTENTS,
    INODES,
    CHANGES
  }

  private Snapshot() {}

  /** Returns what two file systems with the same contents have in common. */
  public static Map<String, String> of(Tree tree) {
    return of(tree, Detail.CONTENTS);
  }

  /** Returns the same with inode numbers and link counts, which persist over a remount. */
  public static Map<String, String> withInodes(Tree tree) {
    return of(tree, Detail.INODES);
  }

  /**
   * Returns everything that shows whether a tree was changed. Access times are left out, since
   * reading sets them.
   */
  public static Map<String, String> exact(Tree tree) {
    return of(tree, Detail.CHANGES);
  }

  /** Fails with the lines that differ, if any. */
  public static void assertSame(
      String what, Map<String, String> expected, Map<String, String> actual) {
    Set<String> paths = new TreeSet<>(expected.keySet());
    paths.addAll(actual.keySet());
    StringBuilder difference = new StringBuilder();
    for (String path : paths) {
      String before = expected.getOrDefault(path, "nothing");
      String after = actual.getOrDefault(path, "nothing");
      if (!before.equals(after)) {
        difference.append("\n'").append(path).append("': ").append(before);
        difference.append("\n  is now ").append(after);
      }
    }
    if (!difference.isEmpty()) {
      throw new AssertionError(what + " differs:" + difference);
    }
  }

  private static Map<String, String> of(Tree tree, Detail detail) {
    Map<String, String> lines = new TreeMap<>();
    add(tree, "", detail, lines);
    return lines;
  }

  private static void add(Tree tree, String path, Detail detail, Map<String, String> lines) {
    Stat stat = tree.stat(path);
    StringBuilder line = new StringBuilder();
    line.append(Integer.toOctalString(stat.mode)).append(' ').append(stat.uid);
    line.append(':').append(stat.gid).append(" mtime ").append(stat.mtimeSeconds);
    line.append('.').append(stat.mtimeNanos).append(" rdev ").append(stat.rdev);
    if (detail != Detail.CONTENTS) {
      line.append(" ino ").append(stat.ino).append(" nlink ").append(stat.nlink);
    }
    if (detail == Detail.CHANGES) {
      line.append(" size ").append(stat.size).append(" ctime ").append(stat.ctimeSeconds);
      line.append('.').append(stat.ctimeNanos);
    }
    line.append(' ').append(tree.xattrs(path));
    if (stat.isSymlink()) {
      line.append(" -> ").append(tree.readlink(path));
    } else if (stat.isRegular()) {
      String content = tree.read(path);
      line.append(' ').append(content.length()).append(" bytes ").append(content.hashCode());
    }
    lines.put(path, line.toString());
    if (stat.isDirectory()) {
      for (Getdents.Entry entry : tree.getdents(path).entries()) {
        if (!entry.name().equals(".") && !entry.name().equals("..")) {
          add(tree, path.isEmpty() ? entry.name() : path + "/" + entry.name(), detail, lines);
        }
      }
    }
  }
}
