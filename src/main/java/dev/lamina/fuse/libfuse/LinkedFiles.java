package dev.lamina.fuse.libfuse;

import java.util.HashMap;
import java.util.Map;

/**
 * The names, as libfuse's nodes, of files with several hard links. libfuse 2 makes a kernel inode
 * for every name, so each has its own pages, attributes and size in the kernel, and changes through
 * one do not reach the others.
 *
 * <p>A name is recorded from the first answer that shows it to be one of several until the kernel
 * forgets it, even when it has become the only one: the file may still be open by another name.
 */
final class LinkedFiles {
  private final Map<Long, LinkedFile> byNode = new HashMap<>();
  private final Map<Long, LinkedFile> byIno = new HashMap<>();

  /**
   * Whether no names are recorded. It is read without the lock, since every open reads it and there
   * are rarely any.
   */
  private volatile boolean isEmpty = true;

  private static final class LinkedFile {
    final long ino;
    int names;
    boolean isWritten;

    LinkedFile(long ino) {
      this.ino = ino;
    }
  }

  /** Records one of several names of a file, which the kernel knows or is about to be told of. */
  synchronized void add(long ino, long node) {
    if (byNode.containsKey(node)) {
      return;
    }
    LinkedFile file = byIno.computeIfAbsent(ino, LinkedFile::new);
    file.names++;
    byNode.put(node, file);
    isEmpty = false;
  }

  /** Removes a node that the kernel has forgotten. */
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

  /** Returns whether the file has, or had, other names than this one. */
  boolean contains(long node) {
    if (isEmpty) {
      return false;
    }
    synchronized (this) {
      return byNode.containsKey(node);
    }
  }

  /** Records that the data of the file may change from now on, through any of its names. */
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
   * Returns whether pages cached during earlier opens by this name are still correct. They may not
   * be when the file may have been written through another name.
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

  /** Returns the number of names recorded. */
  synchronized int size() {
    return byNode.size();
  }
}
