package dev.lamina.fuse.libfuse;

import java.util.HashMap;
import java.util.Map;

/**
 * The names, as libfuse's nodes, of files that have several. libfuse 2 makes a kernel inode of
 * every name, so each has pages, attributes and a size of its own in the kernel, and what is done
 * through one does not reach the others.
 *
 * <p>A name is in here from the first answer that shows it to be one of several until the kernel
 * forgets it, also when it has become the only one: the file may still be open by another.
 */
final class LinkedFiles {
  private final Map<Long, LinkedFile> byNode = new HashMap<>();
  private final Map<Long, LinkedFile> byIno = new HashMap<>();

  /** Read without the lock: mostly there is none, and every open asks. */
  private volatile boolean isEmpty = true;

  private static final class LinkedFile {
    final long ino;
    int names;
    boolean isWritten;

    LinkedFile(long ino) {
      this.ino = ino;
    }
  }

  /** The kernel knows, or is about to be told of, one of several names of a file. */
  synchronized void add(long ino, long node) {
    if (byNode.containsKey(node)) {
      return;
    }
    LinkedFile file = byIno.computeIfAbsent(ino, LinkedFile::new);
    file.names++;
    byNode.put(node, file);
    isEmpty = false;
  }

  /** The kernel has forgotten a node. */
  void remove(long node) {
    if (isEmpty) {
      return;
    }
    synchronized (this) {
      LinkedFile file = byNode.remove(node);
      if (file != null && --file.names == 0) {
        byIno.remove(file.ino);
      }
      isEmpty = byNode.isEmpty();
    }
  }

  /** Whether the file has, or had, other names than this one. */
  boolean contains(long node) {
    if (isEmpty) {
      return false;
    }
    synchronized (this) {
      return byNode.containsKey(node);
    }
  }

  /** The file's data may change from now on, through any of its names. */
  void written(long node) {
    if (isEmpty) {
      return;
    }
    synchronized (this) {
      LinkedFile file = byNode.get(node);
      if (file != null) {
        file.isWritten = true;
      }
    }
  }

  /**
   * Whether pages from earlier opens by this name are those of the file: not when it may have been
   * written to through another name.
   */
  boolean mayKeepPages(long node) {
    if (isEmpty) {
      return true;
    }
    synchronized (this) {
      LinkedFile file = byNode.get(node);
      return file == null || !file.isWritten;
    }
  }

  /** How many names are known. */
  synchronized int size() {
    return byNode.size();
  }
}
