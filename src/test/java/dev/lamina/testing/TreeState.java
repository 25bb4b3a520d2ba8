package dev.lamina.testing;

import dev.lamina.sys.Stat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * What a tree shows at a moment.
 *
 * @param contents of {@link Snapshot#of}
 * @param inodes device and number of all that are no directories
 */
public record TreeState(Map<String, String> contents, Map<String, List<Long>> inodes) {
  public static TreeState of(Tree tree) {
    Map<String, String> contents = Snapshot.of(tree);
    Map<String, List<Long>> inodes = new HashMap<>();
    for (String path : contents.keySet()) {
      Stat stat = tree.stat(path);
      if (!stat.isDirectory()) {
        inodes.put(path, List.of(stat.dev, stat.ino));
      }
    }
    return new TreeState(contents, inodes);
  }

  /**
   * A line for each path, which for a further name of an object tells the first one.
   *
   * @param layer tells apart what cannot be one object, for lying on different layers
   */
  public Map<String, String> lines(ToIntFunction<String> layer) {
    Map<String, String> lines = new TreeMap<>(contents);
    Map<List<Object>, String> first = new HashMap<>();
    for (Map.Entry<String, String> line : lines.entrySet()) {
      String path = line.getKey();
      if (inodes.containsKey(path)) {
        String name = first.putIfAbsent(List.of(inodes.get(path), layer.applyAsInt(path)), path);
        line.setValue(line.getValue() + (name == null ? "" : " same as " + name));
      }
    }
    return lines;
  }
}
