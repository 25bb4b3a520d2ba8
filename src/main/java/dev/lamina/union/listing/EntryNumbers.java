package dev.lamina.union.listing;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.MergedListing;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeNumbers;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Lookup;
import dev.lamina.union.inode.NumberMarks;

/**
 * Makes listings: the entries that {@link MergedListing} finds in a directory, with the inode
 * numbers that stat shows for them. As on overlayfs (ovl_cache_update), the listing fails if a
 * number cannot be read: no number is better than that of another object.
 */
public final class EntryNumbers {
  private final InodeTable table;
  private final Lookup lookup;
  private final InodeNumbers inodeNumbers;
  private final NumberMarks marks;
  private final CookieSlots slots = new CookieSlots();

  public EntryNumbers(
      InodeTable table, Lookup lookup, InodeNumbers inodeNumbers, NumberMarks marks) {
    this.table = table;
    this.lookup = lookup;
    this.inodeNumbers = inodeNumbers;
    this.marks = marks;
  }

  /** Lists a directory, see {@link SharedSnapshots.Source}; a removed one has no entries. */
  DirectorySnapshot list(Inode directory, DirectorySnapshot previous) throws ErrnoException {
    int version = directory.version();
    LayerDirectory[] contributors = directory.contributors();
    if (directory.isRemoved()) {
      return snapshot(directory, MergedListing.empty(), new long[0], version, null);
    }
    MergedListing listing = MergedListing.of(contributors);
    long[] devices = devices(contributors);
    boolean hasUpper = contributors[0].isUpper();
    boolean isImpure = hasUpper && marks.isImpure(directory);
    long[] numbers = new long[listing.size()];
    for (int i = 0; i < numbers.length; i++) {
      int source = listing.source(i);
      long ino = listing.number(i);
      if (hasUpper && listing.type(i) == Mode.S_IFDIR) {
        long own = inodeNumbers.number(devices[source], ino);
        numbers[i] = directoryNumber(directory, listing.names().name(i), own);
      } else if (isImpure && source == 0) {
        byte[] name = listing.names().name(i);
        numbers[i] = marks.number(contributors[0], name, true, devices[0], ino);
      } else {
        numbers[i] = inodeNumbers.number(devices[source], ino);
      }
    }
    return snapshot(directory, listing, numbers, version, previous);
  }

  private DirectorySnapshot snapshot(
      Inode directory,
      MergedListing listing,
      long[] numbers,
      int version,
      DirectorySnapshot previous) {
    return new DirectorySnapshot(listing, numbers, version, slots.of(directory), previous);
  }

  private static long[] devices(LayerDirectory[] contributors) throws ErrnoException {
    long[] devices = new long[contributors.length];
    Stat stat = new Stat();
    for (int i = 0; i < devices.length; i++) {
      ErrnoException.check(contributors[i].stat(Linux.EMPTY, stat));
      devices[i] = stat.dev;
    }
    return devices;
  }

  /**
   * Returns the number of a directory that was listed: one on the upper may show the number of the
   * lower directory that it is merged with.
   */
  private long directoryNumber(Inode directory, byte[] name, long own) throws ErrnoException {
    Inode known = table.child(directory, name, false);
    return known != null ? known.number : lookup.directoryNumber(directory, name, own);
  }
}
