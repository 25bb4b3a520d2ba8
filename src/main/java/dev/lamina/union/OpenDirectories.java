package dev.lamina.union;

import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.FuseException;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;

/** Open directories: listing and syncing. */
final class OpenDirectories {
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  /** Offsets 1 and 2 follow {@code .} and {@code ..}; entries come after. */
  private static final int DOTS = 2;

  private static final class Handle {
    final SharedSnapshots.Shared directory;

    /** Got at the first reading, and again at each from the beginning; guarded by the monitor. */
    DirectorySnapshot snapshot;

    Handle(SharedSnapshots.Shared directory) {
      this.directory = directory;
    }
  }

  private final Union union;
  private final SharedSnapshots snapshots;
  private final HandleTable<Handle> handles = new HandleTable<>();

  OpenDirectories(Union union, Lookup lookup) {
    this.union = union;
    this.snapshots =
        new SharedSnapshots(directory -> DirectorySnapshot.of(union, lookup, directory));
  }

  long open(Inode directory) {
    return handles.add(new Handle(snapshots.acquire(directory)));
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#readdir}. */
  void read(long handle, long offset, DirectoryReply reply) throws FuseException {
    Handle open = handles.get(handle);
    synchronized (open) {
      if (offset == 0 || open.snapshot == null) {
        open.snapshot = snapshots.current(open.directory);
      }
      Inode inode = open.directory.inode;
      if (offset < 1 && !reply.add(DOT, 0, 1, inode.number, Mode.S_IFDIR, 1)) {
        return;
      }
      if (offset < DOTS && !reply.add(DOT_DOT, 0, 2, parentNumber(inode), Mode.S_IFDIR, DOTS)) {
        return;
      }
      addEntries(open.snapshot, (int) Math.max(0, offset - DOTS), reply);
    }
  }

  private static void addEntries(DirectorySnapshot snapshot, int from, DirectoryReply reply) {
    for (int i = from; i < snapshot.size(); i++) {
      boolean fits =
          reply.add(
              snapshot.names(),
              snapshot.nameOffset(i),
              snapshot.nameLength(i),
              snapshot.number(i),
              snapshot.type(i),
              i + 1L + DOTS);
      if (!fits) {
        return;
      }
    }
  }

  private static long parentNumber(Inode inode) {
    Dentry name;
    synchronized (inode) {
      name = inode.anyName();
    }
    return name == null ? inode.number : name.parent.number;
  }

  /** Writes the directory out, unless there is nothing to write or the mount is volatile. */
  void fsync(long handle) throws FuseException {
    Inode inode = handles.get(handle).directory.inode;
    if (union.isVolatile() || !inode.isUpper()) {
      return;
    }
    FdDirectory upper = inode.upperDirectory();
    int dirfd = FuseException.check(upper.acquire());
    try {
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
      int readable = FuseException.check(Linux.openat(dirfd, DOT, flags, 0));
      try {
        FuseException.check(Linux.fsync(readable));
      } finally {
        Linux.close(readable);
      }
    } finally {
      upper.release();
    }
  }

  void release(long handle) {
    Handle open = handles.remove(handle);
    if (open != null) {
      snapshots.release(open.directory);
    }
  }

  /** Directories open now, each counted once. */
  int size() {
    return snapshots.size();
  }
}
