package dev.lamina.image.store;

import dev.lamina.image.Digest;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Stat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Removes what nothing needs. With the store's lock held it decides what is needed, and takes the
 * rest out of its place; a process that begins to need something waits for that lock ({@link
 * Lease#add}) and only then looks whether the thing is there.
 */
public final class Garbage {
  private static final int TRIES = 100;
  private static final long PAUSE_NANOS = 10_000_000;

  private final StorePaths paths;
  private final OciLayout layout;
  private final LayerStore layers;
  private final ImageMounts mounts;
  private final ImageParts parts;
  private final Discarded discarded;
  private final Leftovers leftovers;
  private final Lease lease;

  /**
   * Says what a collection has removed.
   *
   * @param layers how many unpacked layers
   * @param bytes the size of the blobs and of the files in the layers
   */
  public record Freed(int blobs, int layers, long bytes) {}

  Garbage(
      StorePaths paths,
      OciLayout layout,
      LayerStore layers,
      ImageMounts mounts,
      ImageParts parts,
      Discarded discarded,
      Leftovers leftovers,
      Lease lease) {
    this.paths = paths;
    this.layout = layout;
    this.layers = layers;
    this.mounts = mounts;
    this.parts = parts;
    this.discarded = discarded;
    this.leftovers = leftovers;
    this.lease = lease;
  }

  /** Waits, and says so, for processes that hold the lock because they could not write a lease. */
  private FileLock lock() throws IOException {
    lease.giveWay();
    FileLock lock = FileLock.tryExclusive(paths.lock());
    for (int i = 0; lock == null && i < TRIES; i++) {
      LockSupport.parkNanos(PAUSE_NANOS);
      lock = FileLock.tryExclusive(paths.lock());
    }
    if (lock == null) {
      Log.warn(Garbage.class, "waiting for other commands that use the store");
      lock = FileLock.exclusive(paths.lock());
    }
    return lock;
  }

  /**
   * Removes everything that nothing needs, no name, no mount and no process, and what killed
   * processes have left.
   *
   * @param minAgeSeconds keeps younger blobs: another tool may be writing an image
   * @return what was removed
   */
  public Freed collect(long minAgeSeconds) throws IOException {
    Freed freed;
    FileLock lock = lock();
    try {
      mounts.removeEnded();
      Set<Digest> doomed = new HashSet<>(layers.all());
      for (Digest blob : layout.blobs()) {
        if (!isYounger(blob, minAgeSeconds)) {
          doomed.add(blob);
        }
      }
      freed = remove(doomed);
      layers.removeLocks();
    } finally {
      lock.close();
    }
    // This may take long, and needs no lock.
    leftovers.remove();
    return freed;
  }

  /** Removes those of some blobs and layers that nothing else needs. */
  Freed collect(Collection<Digest> doomed) throws IOException {
    FileLock lock = lock();
    try {
      mounts.removeEnded();
      return remove(doomed);
    } finally {
      lock.close();
    }
  }

  private Freed remove(Collection<Digest> doomed) throws IOException {
    // Leases are read first: what is in one that ends now has its name or its mount by then.
    Set<Digest> needed = Lease.held(paths, lease);
    needed.addAll(parts.ofIndex());
    for (MountRecord mount : mounts.all()) {
      needed.addAll(parts.of(mount));
    }
    int blobs = 0;
    int trees = 0;
    long bytes = 0;
    for (Digest digest : doomed) {
      if (needed.contains(digest)) {
        continue;
      }
      LayerInfo layer = layers.find(digest);
      if (layer != null) {
        discarded.add(layers.place(digest));
        trees++;
        bytes += layer.bytes();
      }
      long size = layout.size(digest);
      if (size >= 0 && layout.delete(digest)) {
        blobs++;
        bytes += size;
      }
    }
    return new Freed(blobs, trees, bytes);
  }

  private boolean isYounger(Digest blob, long seconds) throws IOException {
    Path place = layout.place(blob);
    Stat stat = new Stat();
    int result = Linux.statx(Linux.AT_FDCWD, HostPaths.bytes(place), stat);
    if (result == -Errno.ENOENT) {
      return false;
    }
    DurableFiles.check(result, "look at", place);
    return System.currentTimeMillis() / 1000 - stat.mtimeSeconds < seconds;
  }
}
