package dev.lamina.fuse.libfuse;

import java.util.HashMap;
import java.util.Map;

/**
 * libfuse's numbers for the directories that the kernel knows, by inode number: libfuse does not
 * say which of its nodes belongs to which path, but its replies hold both numbers.
 */
final class DirectoryNodes {
  private final Map<Long, Long> nodes = new HashMap<>();
  private final Map<Long, Long> inos = new HashMap<>();

  /** The kernel is told of a directory. */
  synchronized void add(long ino, long node) {
    Long before = nodes.put(ino, node);
    if (before == null || before != node) {
      inos.remove(before);
      inos.put(node, ino);
    }
  }

  /** The kernel has forgotten a node; it gives all lookups of one back at once. */
  synchronized void remove(long node) {
    Long ino = inos.remove(node);
    if (ino != null) {
      nodes.remove(ino, node);
    }
  }

  /** The node of a directory; 0 when the kernel does not know it. */
  synchronized long find(long ino) {
    return nodes.getOrDefault(ino, 0L);
  }
}
