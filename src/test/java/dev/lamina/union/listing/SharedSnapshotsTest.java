package dev.lamina.union.listing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.layer.MergedListing;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.Locks;
import org.junit.jupiter.api.Test;

class SharedSnapshotsTest {
  private final Inode directory = Inode.upper(2, Mode.S_IFDIR);
  private int listings;

  private DirectorySnapshot empty() {
    listings++;
    CookieSlots.OfDirectory slots = new CookieSlots().of(directory);
    return new DirectorySnapshot(MergedListing.empty(), new long[0], 0, slots, null);
  }

  @Test
  void anUnchangedDirectoryIsListedOnce() throws Exception {
    SharedSnapshots snapshots = new SharedSnapshots((inode, previous) -> empty());
    SharedSnapshots.Shared one = snapshots.acquire(directory);
    SharedSnapshots.Shared other = snapshots.acquire(directory);
    DirectorySnapshot first = snapshots.current(one);
    assertSame(first, snapshots.current(other));
    assertSame(first, snapshots.current(one));
    directory.countChange();
    DirectorySnapshot second = snapshots.current(other);
    assertNotSame(first, second);
    assertSame(second, snapshots.current(one));
    assertEquals(2, listings);
  }

  @Test
  void theLastReleaseFreesIt() throws Exception {
    SharedSnapshots snapshots = new SharedSnapshots((inode, previous) -> empty());
    SharedSnapshots.Shared one = snapshots.acquire(directory);
    SharedSnapshots.Shared other = snapshots.acquire(directory);
    DirectorySnapshot first = snapshots.current(one);
    snapshots.release(one);
    assertSame(first, snapshots.current(other));
    assertEquals(1, snapshots.size());
    snapshots.release(other);
    assertEquals(0, snapshots.size());
    assertNotSame(first, snapshots.current(snapshots.acquire(directory)));
  }

  @Test
  void aChangeDuringTheListingMakesTheNextOneNew() throws Exception {
    SharedSnapshots snapshots =
        new SharedSnapshots(
            (inode, previous) -> {
              if (listings == 0) {
                inode.countChange();
              }
              return empty();
            });
    SharedSnapshots.Shared shared = snapshots.acquire(directory);
    DirectorySnapshot first = snapshots.current(shared);
    DirectorySnapshot second = snapshots.current(shared);
    assertNotSame(first, second);
    assertSame(second, snapshots.current(shared));
  }

  @Test
  void aFailedListingIsTriedAgain() throws Exception {
    SharedSnapshots snapshots =
        new SharedSnapshots(
            (inode, previous) -> {
              DirectorySnapshot made = empty();
              if (listings == 1) {
                throw ErrnoException.of(Errno.EIO);
              }
              return made;
            });
    SharedSnapshots.Shared shared = snapshots.acquire(directory);
    assertThrows(ErrnoException.class, () -> snapshots.current(shared));
    snapshots.current(shared);
    assertEquals(2, listings);
  }

  /** A change that fails may have been listed before it failed. */
  @Test
  void aFailedChangeCounts() throws Exception {
    Inode other = Inode.upper(1, Mode.S_IFDIR);
    assertThrows(
        ErrnoException.class,
        () ->
            Locks.hold(
                directory,
                other,
                () -> {
                  throw ErrnoException.of(Errno.ENOSPC);
                }));
    assertEquals(1, directory.version());
    assertEquals(1, other.version());
  }
}
