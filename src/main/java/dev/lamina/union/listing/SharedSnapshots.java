package dev.lamina.union.listing;

import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Inode;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The latest snapshot of every open directory. All open handles of a directory share it until the
 * directory changes. A directory that is not open takes no memory here.
 */
final class SharedSnapshots {
  /** Makes the snapshots. */
  @FunctionalInterface
  interface Source {
    /**
     * Lists a directory.
     *
     * @param previous an earlier listing of the same directory, whose cookies remain valid; or null
     */
    DirectorySnapshot list(Inode directory, DirectorySnapshot previous) throws ErrnoException;
  }

  /**
   * One open directory. Its monitor guards the snapshot, so that simultaneous readers list the
   * directory once.
   */
  static final class Shared {
    final Inode inode;

    /** The number of open handles; guarded by the table. */
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

  /** Adds a user of a directory. */
  Shared acquire(Inode directory) {
    synchronized (open) {
      Shared shared = open.computeIfAbsent(directory, Shared::new);
      shared.users++;
      return shared;
    }
  }

  /** Removes a user; the last one frees the snapshot. */
  void release(Shared shared) {
    synchronized (open) {
      if (--shared.users == 0) {
        open.remove(shared.inode);
      }
    }
  }

  /** Returns the directory as it is now. */
  DirectorySnapshot current(Shared shared) throws ErrnoException {
    synchronized (shared) {
      // Every change is counted after it was made. A change during the listing may be in it or not,
      // but is counted later than the version that is read here: then the next caller lists again.
      int version = shared.inode.version();
      if (shared.snapshot == null || shared.version != version) {
        shared.snapshot = source.list(shared.inode, shared.snapshot);
        shared.version = version;
      }
      return shared.snapshot;
    }
  }

  /** Returns the number of open directories. */
  int size() {
    synchronized (open) {
      return open.size();
    }
  }
}
