package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.Arrays;

/**
 * Finds the object of a path by lookups from the root, component by component, and gives every
 * counted lookup back. Symbolic links are not followed.
 *
 * <p>A walker belongs to one thread and handles one path at a time: {@link #start} or {@link
 * #startName}, perhaps {@link #lookup}, and always {@link #finish}. A path may be longer than
 * PATH_MAX, since libfuse joins it from names.
 */
final class PathWalker {
  /** The longest name in bytes (NAME_MAX of limits.h). */
  static final int NAME_MAX = 255;

  /** How many directories above the wanted one are looked for in the cache. */
  private static final int PROBES = 4;

  private static final long NONE = 0;

  private final FuseFileSystem fileSystem;
  private final DirectoryCache directories;
  private final Orphans orphans;
  private final RequestContext context;
  private final EntryReply entry = new EntryReply();
  private final DirectoryCache.Key key = new DirectoryCache.Key();

  private byte[] name;
  private long parent;
  private DirectoryCache.Directory directory;
  private Orphans.Orphan orphan;
  private long counted = NONE;

  PathWalker(
      FuseFileSystem fileSystem,
      DirectoryCache directories,
      Orphans orphans,
      RequestContext context) {
    this.fileSystem = fileSystem;
    this.directories = directories;
    this.orphans = orphans;
    this.context = context;
  }

  /**
   * Starts with the path of an object that libfuse has found by its node: it may be a file whose
   * name was removed.
   *
   * @param path an absolute path without a slash at the end
   */
  void start(byte[] path) throws ErrnoException {
    start(path, true);
  }

  /** Starts with the path of a name that the caller of the system call gave. */
  void startName(byte[] path) throws ErrnoException {
    start(path, false);
  }

  /** Finds the directory that holds the last component of a path. */
  private void start(byte[] path, boolean mayBeOrphan) throws ErrnoException {
    name = null;
    parent = NONE;
    int slash = lastSlash(path, path.length);
    int length = path.length - slash - 1;
    if (length == 0) {
      return;
    }
    if (length > NAME_MAX) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    name = Arrays.copyOfRange(path, slash + 1, path.length);
    orphan = mayBeOrphan ? orphans.acquire(name) : null;
    if (orphan == null) {
      parent = directoryAt(path, slash);
    }
  }

  /** Returns true for the root, which has no name and no parent. */
  boolean isRoot() {
    return name == null;
  }

  /** Returns true for a file whose last name was removed; it has no parent. */
  boolean isOrphan() {
    return orphan != null;
  }

  /**
   * Returns the directory that holds the last component.
   *
   * @throws ErrnoException EBUSY for the root, which cannot be created, removed or renamed
   */
  long parent() throws ErrnoException {
    if (parent == NONE) {
      throw ErrnoException.of(isRoot() ? Errno.EBUSY : Errno.ENOENT);
    }
    return parent;
  }

  /** Returns the last component. */
  byte[] name() {
    return name;
  }

  /** Finds the object of the path and returns its nodeid, which is valid until {@link #finish}. */
  long lookup() throws ErrnoException {
    if (isRoot()) {
      return FuseFileSystem.ROOT;
    }
    if (isOrphan()) {
      return orphan.nodeid();
    }
    counted = find(parent, name);
    return counted;
  }

  /** Returns what {@link #lookup} has found, unless that is the root or an orphan. */
  EntryReply entry() {
    return entry;
  }

  /**
   * Returns how long the kernel may cache that the last component does not exist, in seconds; 0 if
   * it exists.
   */
  long negativeValidSeconds() {
    return parent != NONE && entry.isNegative() ? entry.entryValidSeconds : 0;
  }

  /** Passes the counted lookup of the object to the caller; returns false if none was counted. */
  boolean keep() {
    boolean kept = counted != NONE;
    counted = NONE;
    return kept;
  }

  /** Gives back all lookups that are still counted. */
  void finish() {
    if (counted != NONE) {
      fileSystem.forget(counted, 1);
      counted = NONE;
    }
    if (directory != null) {
      directories.release(directory);
      directory = null;
    }
    if (orphan != null) {
      orphans.release(orphan);
      orphan = null;
    }
  }

  private long directoryAt(byte[] path, int length) throws ErrnoException {
    if (length == 0) {
      return FuseFileSystem.ROOT;
    }
    key.set(path, length);
    directory = directories.acquire(key);
    if (directory == null) {
      directory = descend(path, length);
    }
    return directory.nodeid();
  }

  /** Finds a directory from the nearest one above it that is cached. */
  private DirectoryCache.Directory descend(byte[] path, int length) throws ErrnoException {
    int from = length;
    DirectoryCache.Directory known = null;
    for (int probe = 0; probe < PROBES && known == null && from > 0; probe++) {
      from = lastSlash(path, from);
      key.set(path, from);
      known = from == 0 ? null : directories.acquire(key);
    }
    if (known == null) {
      from = 0;
    }
    long node = known == null ? FuseFileSystem.ROOT : known.nodeid();
    long mine = NONE;
    try {
      while (from < length) {
        int end = nextSlash(path, from + 1);
        long next = find(node, Arrays.copyOfRange(path, from + 1, end));
        if (mine != NONE) {
          fileSystem.forget(mine, 1);
        }
        mine = next;
        node = next;
        if (!entry.stat.isDirectory()) {
          throw ErrnoException.of(Errno.ENOTDIR);
        }
        from = end;
      }
      key.set(path, length);
      long found = mine;
      mine = NONE;
      return directories.add(key, found);
    } finally {
      if (mine != NONE) {
        fileSystem.forget(mine, 1);
      }
      if (known != null) {
        directories.release(known);
      }
    }
  }

  private long find(long directory, byte[] component) throws ErrnoException {
    entry.setNegative(0);
    fileSystem.lookup(context, directory, component, entry);
    if (entry.isNegative()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return entry.nodeid;
  }

  private static int lastSlash(byte[] path, int end) {
    int at = end - 1;
    while (path[at] != '/') {
      at--;
    }
    return at;
  }

  private static int nextSlash(byte[] path, int from) {
    int at = from;
    while (at < path.length && path[at] != '/') {
      at++;
    }
    return at;
  }
}
