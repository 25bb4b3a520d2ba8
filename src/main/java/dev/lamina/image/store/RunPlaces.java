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

/** The places of {@code lamina run}: those in use, and what killed processes have left of them. */
final class RunPlaces {
  private static final int ID_BYTES = 6;
  private static final int ENDING_LOOKS = 500;
  private static final long ENDING_PAUSE_MILLIS = 10;

  private final StorePaths paths;
  private final MountStore mounts;

  RunPlaces(StorePaths paths, MountStore mounts) {
    this.paths = paths;
    this.mounts = mounts;
  }

  RunPlace make(String mount, boolean removesMount) throws IOException {
    DurableFiles.makeDirectories(paths.mountPoints());
    byte[] random = new byte[ID_BYTES];
    ThreadLocalRandom.current().nextBytes(random);
    return RunPlace.make(place(HexFormat.of().formatHex(random)), mount, removesMount);
  }

  /** Without links on the way, but not looked at itself: its mount may be dead. */
  private Path place(String id) throws IOException {
    return paths.mountPoints().toRealPath().resolve(id);
  }

  /** Those whose processes have ended without removing them; the caller's to close. */
  List<RunPlace> abandoned() throws IOException {
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
   * Unmounts what is mounted there, and removes everything. The place is closed in any case.
   *
   * @param isLazy whether what is still used is detached, and not left
   * @return false when something is still used, and was left for the next time
   */
  boolean end(RunPlace place, boolean isLazy, Discarded discarded) throws IOException {
    try (place) {
      byte[] path = HostPaths.bytes(place.directory());
      int flags = Mounts.UMOUNT_NOFOLLOW | (isLazy ? Mounts.MNT_DETACH : 0);
      int result = Mounts.umount2(path, flags);
      // Nothing is mounted there: EINVAL.
      if (result < 0 && result != -Errno.EINVAL && result != -Errno.ENOENT) {
        return false;
      }
      // What was detached before may be used for as long as a process likes.
      int looks = isLazy || result == 0 ? ENDING_LOOKS : 1;
      result = Linux.unlinkat(Linux.AT_FDCWD, path, Linux.AT_REMOVEDIR);
      if (result < 0 && result != -Errno.ENOENT || !endMount(place, looks, discarded)) {
        return false;
      }
      place.remove();
      return true;
    }
  }

  /** Also without removing it: it could not be mounted again while it is served. */
  private boolean endMount(RunPlace place, int looks, Discarded discarded) throws IOException {
    if (place.mount() == null) {
      return true;
    }
    // The process that serves it ends a moment after it was unmounted, if nothing has it open; one
    // that was about to mount finds that it cannot, and removes what it has made.
    for (int i = 1; ; i++) {
      MountRecord mount = mounts.find(place.mount());
      // One of that name that is elsewhere is another's, which kept this run from mounting.
      if (mount == null || !place.directory().equals(mount.mountPoint())) {
        return true;
      }
      if (!mounts.isServed(mount.name())) {
        if (place.removesMount()) {
          mounts.remove(mount.name(), discarded);
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
