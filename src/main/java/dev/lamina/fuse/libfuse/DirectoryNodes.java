package dev.lamina.fuse.libfuse;

import java.util.HashMap;
import java.util.Map;

/**
 * libfuse's node numbers of the directories that the kernel knows, by inode number. libfuse does
 * not tell which of its nodes belongs to which path, but its replies contain both numbers.
 */
final class DirectoryNodes {
  private final Map<Long, Long> nodes = new HashMap<>();
  private final Map<Long, Long> inos = new HashMap<>();

  /** Records a directory that a reply tells the kernel of. */
  synchronized void add(long ino, long node) {
    Long before = nodes.put(ino, node);
    if (before == null || before != node) {
      inos.remove(before);
      inos.put(node, ino);
    }
  }

  /**
   * Removes a node that the kernel has forgotten. The kernel gives back all lookups of a node at
   * once.
   */
  synchronized void remove(long node) {
    Long ino = inos.remove(node);
    if (ino != null) {
      nodes.remove(ino, node);
    }
  }

  /** Returns the node of a directory; 0 if the kernel does not know it. */
  synchronized long find(long ino) {
    return nodes.getOrDefault(ino, 0L);
  }
}
