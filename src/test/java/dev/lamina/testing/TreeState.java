package dev.lamina.testing;

import dev.lamina.sys.Stat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * What a tree shows at one moment.
 *
 * @param contents the result of {@link Snapshot#of}
 * @param inodes the device and inode number of every object that is not a directory
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
   * Returns a line for each path; for another name of an object it contains the first name.
   *
   * @param layer tells the layer of a path, because paths on different layers cannot be one object
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
