package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.NameHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The directories last walked through, by path, each with a counted lookup, so that an operation
 * costs one lookup instead of one per component. Bounded in number and in bytes.
 *
 * <p>It is never stale. Paths change only through this transport, and libfuse holds, while an
 * operation on a path is under way, a read lock on every directory above the path's last component
 * and, for RENAME and RMDIR, a write lock on the object that moves or goes away. Only directories
 * above a last component are put in here; a directory that is renamed or removed is taken out by
 * that very operation. So whoever puts one in or takes one out does so while its path is fixed.
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

  /** The beginning of a path, as a key; can be set to another to look that up. */
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

    /** True when this is the directory itself or lies below it. */
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

  /** Finds a directory; the caller releases it. Null when it is not known. */
  synchronized Directory acquire(Key key) {
    Directory directory = directories.get(key);
    if (directory != null) {
      directory.acquire();
    }
    return directory;
  }

  /** Adds a directory and takes over one lookup of it; the caller releases what it gets. */
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

  /** Takes out a directory that is being removed; it is empty, so nothing below it is known. */
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

  /** Takes out whatever lies at or below a path that is being renamed. */
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

  /** Gives everything back. */
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
