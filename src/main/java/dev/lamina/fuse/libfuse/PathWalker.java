package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.Arrays;

/**
 * Finds the object of a path by lookups from the root, component by component, and gives every
 * counted lookup back. Symbolic links are objects like others: none is followed.
 *
 * <p>Belongs to one thread and goes one path at a time: {@link #start} or {@link #startName},
 * perhaps {@link #lookup}, and always {@link #finish}. A path may be longer than PATH_MAX: libfuse
 * puts it together from names.
 */
final class PathWalker {
  /** Longest name in bytes (NAME_MAX of limits.h). */
  static final int NAME_MAX = 255;

  /** How many directories above the wanted one may be asked for in the cache. */
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
   * Starts on the path of an object, to which libfuse was led by its node: perhaps one of a file
   * that has lost its name.
   *
   * @param path absolute, without a slash at the end
   */
  void start(byte[] path) throws ErrnoException {
    start(path, true);
  }

  /** Starts on the path of a name, which the caller of the system call gave. */
  void startName(byte[] path) throws ErrnoException {
    start(path, false);
  }

  /** Goes to the directory that holds the path's last component. */
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

  /** True for the root, which has no name and no parent. */
  boolean isRoot() {
    return name == null;
  }

  /** True for a file whose last name is gone; it has no parent. */
  boolean isOrphan() {
    return orphan != null;
  }

  /**
   * The directory that holds the last component.
   *
   * @throws ErrnoException EBUSY for the root, which cannot be made, removed or renamed
   */
  long parent() throws ErrnoException {
    if (parent == NONE) {
      throw ErrnoException.of(isRoot() ? Errno.EBUSY : Errno.ENOENT);
    }
    return parent;
  }

  /** The last component. */
  byte[] name() {
    return name;
  }

  /** Goes to the path's object and returns its nodeid, valid until {@link #finish}. */
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

  /** What {@link #lookup} found, unless it is the root or an orphan. */
  EntryReply entry() {
    return entry;
  }

  /**
   * How long a missing last component may be taken for missing, in seconds; 0 if that is not it.
   */
  long negativeValidSeconds() {
    return parent != NONE && entry.isNegative() ? entry.entryValidSeconds : 0;
  }

  /** Leaves the counted lookup of the object to the caller; false when none was counted. */
  boolean keep() {
    boolean kept = counted != NONE;
    counted = NONE;
    return kept;
  }

  /** Gives back what is still counted. */
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

  /** Walks to a directory from the nearest one above it that is known. */
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
