package dev.lamina.union.listing;

import dev.lamina.fuse.DirectoryPlusReply;
import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.HandleTable;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.upper.Durability;
import java.util.Arrays;

/** The open directories: lists and synchronizes them. */
public final class OpenDirectories {
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  /** The offset after {@code ..}; that after {@code .} is 1, and entries have cookies from 3 on. */
  private static final int DOTS = 2;

  private static final class Handle {
    final SharedSnapshots.Shared directory;

    /** Set by the first read, and again by each read from the beginning; guarded by the monitor. */
    DirectorySnapshot snapshot;

    Handle(SharedSnapshots.Shared directory) {
      this.directory = directory;
    }
  }

  private final EntryLookup lookup;
  private final Durability durability;
  private final SharedSnapshots snapshots;
  private final RecentSnapshots recent;
  private final HandleTable<Handle> handles = new HandleTable<>();

  public OpenDirectories(EntryNumbers numbers, EntryLookup lookup, Durability durability) {
    this.lookup = lookup;
    this.durability = durability;
    SharedSnapshots.Source source = numbers::list;
    snapshots = new SharedSnapshots(source);
    recent = new RecentSnapshots(source);
  }

  /** Opens a directory and returns its handle. */
  public long open(Inode directory) {
    return handles.add(new Handle(snapshots.acquire(directory)));
  }

  /** Adds one entry of a listing to a reply; returns false if it does not fit. */
  @FunctionalInterface
  private interface Adder {
    boolean add(Inode directory, DirectorySnapshot listing, int index) throws ErrnoException;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#readdir}. */
  public void read(Inode directory, long handle, long offset, DirectoryReply reply)
      throws ErrnoException {
    DirectorySnapshot listing = listing(directory, handle, offset);
    if (addDots(directory, offset, reply)) {
      addEntries(directory, listing, offset, (inode, names, index) -> add(names, index, reply));
    }
  }

  private static boolean add(DirectorySnapshot listing, int index, DirectoryReply reply) {
    return reply.add(
        listing.names(),
        listing.nameOffset(index),
        listing.nameLength(index),
        listing.number(index),
        listing.type(index),
        listing.cookie(index));
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#readdirplus}. */
  public void readPlus(Inode directory, long handle, long offset, DirectoryPlusReply reply)
      throws ErrnoException {
    DirectorySnapshot listing = listing(directory, handle, offset);
    EntryReply entry = new EntryReply();
    if (addDots(directory, offset, new DotsPlus(reply))) {
      addEntries(
          directory,
          listing,
          offset,
          (inode, names, index) -> addPlus(inode, names, index, reply, entry));
    }
  }

  /** Adds {@code .} and {@code ..} as entries without attributes. */
  private record DotsPlus(DirectoryPlusReply reply) implements DirectoryReply {
    @Override
    public boolean add(
        byte[] names, int nameOffset, int nameLength, long ino, int type, long nextOffset) {
      if (!reply.hasRoom(nameLength)) {
        return false;
      }
      reply.addPlus(names, nameOffset, nameLength, ino, type, nextOffset, null);
      return true;
    }
  }

  private boolean addPlus(
      Inode directory,
      DirectorySnapshot listing,
      int index,
      DirectoryPlusReply reply,
      EntryReply entry) {
    int nameLength = listing.nameLength(index);
    if (!reply.hasRoom(nameLength)) {
      return false;
    }
    int nameOffset = listing.nameOffset(index);
    byte[] name = Arrays.copyOfRange(listing.names(), nameOffset, nameOffset + nameLength);
    boolean found;
    try {
      found = lookup.find(directory, listing, index, name, entry);
    } catch (ErrnoException e) {
      // The entry is listed without attributes; a request for them will get the error.
      found = false;
    }
    reply.addPlus(
        name,
        0,
        nameLength,
        listing.number(index),
        listing.type(index),
        listing.cookie(index),
        found ? entry : null);
    return true;
  }

  /** Returns the snapshot in which a reader at an offset continues. */
  private DirectorySnapshot listing(Inode directory, long handle, long offset)
      throws ErrnoException {
    if (handle == FuseFileSystem.NO_HANDLE) {
      return recent.get(directory, offset == 0);
    }
    Handle open = handles.get(handle);
    synchronized (open) {
      if (offset == 0 || open.snapshot == null) {
        open.snapshot = snapshots.current(open.directory);
      }
      return open.snapshot;
    }
  }

  private static boolean addDots(Inode directory, long offset, DirectoryReply reply) {
    boolean fits = offset >= 1 || reply.add(DOT, 0, 1, directory.number, Mode.S_IFDIR, 1);
    return fits
        && (offset >= DOTS
            || reply.add(DOT_DOT, 0, 2, parentNumber(directory), Mode.S_IFDIR, DOTS));
  }

  private static void addEntries(
      Inode directory, DirectorySnapshot listing, long offset, Adder adder) throws ErrnoException {
    int index = offset <= DOTS ? 0 : listing.indexAfter(offset);
    while (index < listing.size() && adder.add(directory, listing, index)) {
      index++;
    }
  }

  private static long parentNumber(Inode inode) {
    Dentry name = inode.name();
    return name == null ? inode.number : name.parent.number;
  }

  /** Writes a directory of the upper to stable storage, unless the mount is volatile. */
  public void fsync(Inode inode) throws ErrnoException {
    if (durability.isVolatile() || !inode.isUpper()) {
      return;
    }
    FdDirectory upper = inode.upperDirectory();
    int dirfd = ErrnoException.check(upper.acquire());
    try {
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
      int readable = ErrnoException.check(Linux.openat(dirfd, DOT, flags, 0));
      try {
        durability.fsync(readable, false);
      } finally {
        Linux.close(readable);
      }
    } finally {
      upper.release();
    }
  }

  /** Closes a directory. */
  public void release(long handle) {
    Handle open = handles.remove(handle);
    if (open != null) {
      snapshots.release(open.directory);
    }
  }

  /** Returns the number of open directories, each counted once. */
  public int size() {
    return snapshots.size();
  }
}
