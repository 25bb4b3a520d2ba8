package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.NameHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The directories used last, by path, each with a counted lookup, so that an operation costs one
 * lookup instead of one for each component of the path. Their number and the size of their paths
 * are limited.
 *
 * <p>The cache is never stale. Paths change only through this transport. During an operation on a
 * path libfuse holds a read lock on every directory above the last component and, for RENAME and
 * RMDIR, a write lock on the object that is renamed or removed. Only directories above a last
 * component are added; an operation that renames or removes a directory takes it out itself. So a
 * directory is added or removed only while its path cannot change.
 */
final class DirectoryCache {
  private static final int MAX_ENTRIES = 512;
  private static final int MAX_BYTES = 1 << 20;

  private final FuseFileSystem fileSystem;
  private final LinkedHashMap<Key, Directory> directories = new LinkedHashMap<>(256, 0.75f, true);
  private int bytes;

  DirectoryCache(FuseFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** A prefix of a path as a key. It can be set to another prefix for a lookup. */
  static final class Key {
    private byte[] path;
    private int length;
    private int hash;

    void set(byte[] path, int length) {
      this.path = path;
      this.length = length;
      hash = NameHash.of(path, 0, length);
    }

    Key copy() {
      Key copy = new Key();
      copy.path = Arrays.copyOf(path, length);
      copy.length = length;
      copy.hash = hash;
      return copy;
    }

    /** Returns true if this is the directory itself or lies below it. */
    boolean isAtOrBelow(byte[] directory) {
      return length >= directory.length
          && Arrays.equals(path, 0, directory.length, directory, 0, directory.length)
          && (length == directory.length || path[directory.length] == '/');
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && hash == key.hash
          && Arrays.equals(path, 0, length, key.path, 0, key.length);
    }
  }

  static final class Directory extends NodeReference {
    private final Key key;

    Directory(Key key, long nodeid) {
      super(nodeid);
      this.key = key;
    }
  }

  /** Finds a directory, which the caller releases; returns null if it is not cached. */
  synchronized Directory acquire(Key key) {
    Directory directory = directories.get(key);
    if (directory != null) {
      directory.acquire();
    }
    return directory;
  }

  /**
   * Adds a directory, whose counted lookup the cache takes over. The caller releases the directory
   * returned.
   */
  Directory add(Key probe, long nodeid) {
    Directory mine = new Directory(probe.copy(), nodeid);
    mine.acquire();
    List<Directory> dropped = new ArrayList<>(1);
    synchronized (this) {
      Directory known = directories.putIfAbsent(mine.key, mine);
      if (known != null) {
        known.acquire();
        dropped.add(mine);
        mine.release();
        mine = known;
      } else {
        bytes += mine.key.length;
        evict(dropped);
      }
    }
    forget(dropped);
    return mine;
  }

  /** Ends the use of a directory. */
  void release(Directory directory) {
    if (directory.release()) {
      fileSystem.forget(directory.nodeid(), 1);
    }
  }

  /** Removes a directory that is being removed. It is empty, so no directory below it is cached. */
  void remove(byte[] path) {
    Key key = new Key();
    key.set(path, path.length);
    Directory directory;
    synchronized (this) {
      directory = directories.remove(key);
      if (directory != null) {
        bytes -= directory.key.length;
      }
    }
    if (directory != null && directory.drop()) {
      fileSystem.forget(directory.nodeid(), 1);
    }
  }

  /** Removes all directories at or below a path that is being renamed. */
  void removeTree(byte[] path) {
    List<Directory> dropped = null;
    synchronized (this) {
      for (Iterator<Directory> all = directories.values().iterator(); all.hasNext(); ) {
        Directory directory = all.next();
        if (directory.key.isAtOrBelow(path)) {
          all.remove();
          bytes -= directory.key.length;
          if (dropped == null) {
            dropped = new ArrayList<>();
          }
          dropped.add(directory);
        }
      }
    }
    if (dropped != null) {
      forget(dropped);
    }
  }

  /** Removes all directories and gives their lookups back. */
  void clear() {
    List<Directory> dropped;
    synchronized (this) {
      dropped = new ArrayList<>(directories.values());
      directories.clear();
      bytes = 0;
    }
    forget(dropped);
  }

  private void evict(List<Directory> dropped) {
    Iterator<Directory> eldest = directories.values().iterator();
    while ((directories.size() > MAX_ENTRIES || bytes > MAX_BYTES) && eldest.hasNext()) {
      Directory directory = eldest.next();
      eldest.remove();
      bytes -= directory.key.length;
      dropped.add(directory);
    }
  }

  private void forget(List<Directory> dropped) {
    for (Directory directory : dropped) {
      if (directory.drop()) {
        fileSystem.forget(directory.nodeid(), 1);
      }
    }
  }
}
