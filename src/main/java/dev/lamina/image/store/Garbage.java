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
 * Removes what nothing needs. What is needed is decided, and what is not taken out of its place,
 * with the store's lock held; whoever begins to need something waits for that ({@link Lease#add}),
 * and then looks whether it is there.
 */
public final class Garbage {
  private static final int TRIES = 100;
  private static final long PAUSE_NANOS = 10_000_000;

  private final StorePaths paths;
  private final OciLayout layout;
  private final LayerStore layers;
  private final MountStore mounts;
  private final ImageNames names;
  private final Discarded discarded;

  /**
   * What a collection has removed.
   *
   * @param layers unpacked ones
   * @param bytes of blobs, and of the files of layers
   */
  public record Freed(int blobs, int layers, long bytes) {}

  Garbage(
      StorePaths paths,
      OciLayout layout,
      LayerStore layers,
      MountStore mounts,
      ImageNames names,
      Discarded discarded) {
    this.paths = paths;
    this.layout = layout;
    this.layers = layers;
    this.mounts = mounts;
    this.names = names;
    this.discarded = discarded;
  }

  /** Waits, with a word, for those who keep it where they could not have a lease. */
  private FileLock lock(Lease own) throws IOException {
    own.giveWay();
    FileLock lock = FileLock.tryExclusive(paths.lock());
    for (int i = 0; lock == null && i < TRIES; i++) {
      LockSupport.parkNanos(PAUSE_NANOS);
      lock = FileLock.tryExclusive(paths.lock());
    }
    if (lock == null) {
      Log.warn(Garbage.class, "waiting for other commands, which use the store");
      lock = FileLock.exclusive(paths.lock());
    }
    return lock;
  }

  /** Everything, and what killed processes have left. */
  Freed collectAll(long minAgeSeconds, Lease own) throws IOException {
    Freed freed;
    FileLock lock = lock(own);
    try {
      mounts.removeEnded(discarded);
      Set<Digest> doomed = new HashSet<>(layers.all());
      for (Digest blob : layout.blobs()) {
        if (!isYounger(blob, minAgeSeconds)) {
          doomed.add(blob);
        }
      }
      freed = remove(doomed, own);
      layers.removeLocks();
    } finally {
      lock.close();
    }
    return freed;
  }

  /** Of some blobs and layers, those that nothing else needs. */
  Freed collect(Collection<Digest> doomed, Lease own) throws IOException {
    FileLock lock = lock(own);
    try {
      mounts.removeEnded(discarded);
      return remove(doomed, own);
    } finally {
      lock.close();
    }
  }

  private Freed remove(Collection<Digest> doomed, Lease own) throws IOException {
    // Leases first: what is in one that ends now has its name or its mount by then.
    Set<Digest> needed = Lease.held(paths, own);
    needed.addAll(names.reachable());
    for (MountRecord mount : mounts.all()) {
      needed.addAll(names.reachable(mount));
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
