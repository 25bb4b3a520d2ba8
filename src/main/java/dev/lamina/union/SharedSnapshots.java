package dev.lamina.union;

import dev.lamina.sys.ErrnoException;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The latest snapshot of every directory that is open: all who open it share one until something in
 * the directory changes. A directory that nobody has open costs nothing.
 */
final class SharedSnapshots {
  /** Lists a directory. */
  @FunctionalInterface
  interface Source {
    /**
     * @param previous an earlier listing of the same directory, whose cookies stay; or null
     */
    DirectorySnapshot list(Inode directory, DirectorySnapshot previous) throws ErrnoException;
  }

  /** One open directory. Its monitor guards the snapshot, and makes one listing out of several. */
  static final class Shared {
    final Inode inode;

    /** How often it is open; guarded by the table. */
    private int users;

    private DirectorySnapshot snapshot;
    private int version;

    private Shared(Inode inode) {
      this.inode = inode;
    }
  }

  private final Source source;
  private final Map<Inode, Shared> open = new IdentityHashMap<>();

  SharedSnapshots(Source source) {
    this.source = source;
  }

  /** One more user of a directory. */
  Shared acquire(Inode directory) {
    synchronized (open) {
      Shared shared = open.computeIfAbsent(directory, Shared::new);
      shared.users++;
      return shared;
    }
  }

  /** One user less; the last one's going frees the snapshot. */
  void release(Shared shared) {
    synchronized (open) {
      if (--shared.users == 0) {
        open.remove(shared.inode);
      }
    }
  }

  /** The directory as it is now. */
  DirectorySnapshot current(Shared shared) throws ErrnoException {
    synchronized (shared) {
      // Every change is counted after it was made. One that comes in the midst of the listing may
      // be in it or not, and is counted later than this: then the next caller lists anew.
      int version = shared.inode.version;
      if (shared.snapshot == null || shared.version != version) {
        shared.snapshot = source.list(shared.inode, shared.snapshot);
        shared.version = version;
      }
      return shared.snapshot;
    }
  }

  /** Directories open now. */
  int size() {
    synchronized (open) {
      return open.size();
    }
  }
}
