package dev.lamina.image.store;

import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.HostFiles;
import dev.lamina.image.file.HostPaths;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mounts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The directories in which {@code lamina run} mounts images: those in use, and those that killed
 * processes have left.
 */
public final class RunPlaces {
  private static final int ID_BYTES = 6;
  private static final int ENDING_LOOKS = 500;
  private static final long ENDING_PAUSE_MILLIS = 10;

  private final StorePaths paths;
  private final ImageMounts mounts;

  RunPlaces(StorePaths paths, ImageMounts mounts) {
    this.paths = paths;
    this.mounts = mounts;
  }

  /**
   * Makes a directory to mount an image on and to run a command in it.
   *
   * @param mount the name that the mount will have
   * @param removesMount whether the mount is removed with the run
   * @return the caller's to close, or to {@link #end}
   */
  public RunPlace make(String mount, boolean removesMount) throws IOException {
    DurableFiles.makeDirectories(paths.mountPoints());
    byte[] random = new byte[ID_BYTES];
    ThreadLocalRandom.current().nextBytes(random);
    return RunPlace.make(place(HexFormat.of().formatHex(random)), mount, removesMount);
  }

  /** The path has no links on the way; the last part is not resolved: its mount may be dead. */
  private Path place(String id) throws IOException {
    return paths.mountPoints().toRealPath().resolve(id);
  }

  /**
   * Returns the places whose processes have ended without removing them; the caller's to close, or
   * to {@link #end}.
   */
  public List<RunPlace> abandoned() throws IOException {
    List<RunPlace> all = new ArrayList<>();
    Set<String> ids = new TreeSet<>();
    for (Path entry : HostFiles.list(paths.mountPoints())) {
      ids.add(RunPlace.idOf(entry));
    }
    for (String id : ids) {
      RunPlace place = RunPlace.takeOver(place(id));
      if (place != null) {
        all.add(place);
      }
    }
    return all;
  }

  /**
   * Unmounts what is mounted on a run's directory, and removes everything that belongs to the run.
   * The place is closed in any case.
   *
   * @param isLazy whether a mount that is still in use is detached
   * @return false when something is still in use, and was left for the next garbage collection
   * @throws IOException when something cannot be unmounted or removed for another reason
   */
  public boolean end(RunPlace place, boolean isLazy) throws IOException {
    try (place) {
      Path directory = place.directory();
      byte[] path = HostPaths.bytes(directory);
      int flags = Mounts.UMOUNT_NOFOLLOW | (isLazy ? Mounts.MNT_DETACH : 0);
      int unmounted = Mounts.umount2(path, flags);
      if (unmounted == -Errno.EBUSY) {
        return false;
      }
      // Nothing is mounted there: EINVAL.
      if (unmounted != -Errno.EINVAL && unmounted != -Errno.ENOENT) {
        DurableFiles.check(unmounted, "unmount", directory);
      }
      int removed = Linux.unlinkat(Linux.AT_FDCWD, path, Linux.AT_REMOVEDIR);
      // Another mount is below the one that was unmounted, or another mount namespace has one.
      if (removed == -Errno.EBUSY) {
        return false;
      }
      if (removed != -Errno.ENOENT) {
        DurableFiles.check(removed, "remove", directory);
      }
      // A mount that was detached before may be used for as long as a process likes.
      if (!endMount(place, isLazy || unmounted == 0 ? ENDING_LOOKS : 1)) {
        return false;
      }
      place.remove();
      return true;
    }
  }

  /**
   * Waits until the mount of a run is no longer served, also where it is not to be removed: it
   * could not be mounted again before.
   */
  private boolean endMount(RunPlace place, int looks) throws IOException {
    if (place.mount() == null) {
      return true;
    }
    // The process that serves it ends a moment after it was unmounted, if nothing has it open; one
    // that was about to mount finds that it cannot, and removes what it has made.
    for (int i = 1; ; i++) {
      MountRecord mount = mounts.named(place.mount());
      // A mount of that name on another directory is another's, and kept this run from mounting.
      if (mount == null || !place.directory().equals(mount.mountPoint())) {
        return true;
      }
      if (!mounts.isServed(mount)) {
        if (place.removesMount()) {
          mounts.remove(mount);
        }
        return true;
      }
      if (i == looks) {
        return false;
      }
      try {
        Thread.sleep(ENDING_PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }
}
