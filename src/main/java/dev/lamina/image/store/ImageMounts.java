package dev.lamina.image.store;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFiles;
import dev.lamina.image.file.HostPaths;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The mounts of images: those that a process serves, and those that have ended but whose upper is
 * kept. A mount is a directory of the store with a {@link MountRecord} and a lock, which the
 * process that serves it holds.
 */
public final class ImageMounts {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
  private static final int NAME_FROM_WISH = 100;

  private static final int LOOKS = 5;
  private static final long LOOK_MILLIS = 20;

  private final StorePaths paths;
  private final ImageTrees trees;
  private final Workspace workspace;
  private final Discarded discarded;

  ImageMounts(StorePaths paths, ImageTrees trees, Workspace workspace, Discarded discarded) {
    this.paths = paths;
    this.trees = trees;
    this.workspace = workspace;
    this.discarded = discarded;
  }

  private static void checkName(String name) throws ImageException {
    if (!NAME.matcher(name).matches()) {
      throw new ImageException(
          "not the name of a mount: "
              + Messages.quote(name)
              + " (letters and digits, and _ . - between them)");
    }
  }

  /** Returns all mounts, sorted by name. */
  public List<MountRecord> all() throws IOException {
    List<MountRecord> all = new ArrayList<>();
    for (Path entry : HostFiles.list(paths.mounts())) {
      MountRecord mount = read(entry);
      if (mount != null) {
        all.add(mount);
      }
    }
    all.sort(Comparator.comparing(MountRecord::name));
    return all;
  }

  /** Returns the mount of a name, or the one on a directory; null when there is none. */
  public MountRecord find(String nameOrMountPoint) throws IOException {
    MountRecord byName = named(nameOrMountPoint);
    if (byName != null) {
      return byName;
    }
    Path place = HostPaths.path(nameOrMountPoint);
    try {
      place = place.toRealPath();
    } catch (IOException e) {
      // The directory may have been removed since.
      place = place.normalize();
    }
    MountRecord found = null;
    for (MountRecord mount : all()) {
      if (place.equals(mount.mountPoint())) {
        boolean better = found == null || isServed(mount);
        found = better ? mount : found;
      }
    }
    return found;
  }

  /** Returns the mount of a name; null when there is none. */
  MountRecord named(String name) throws IOException {
    return NAME.matcher(name).matches() ? read(paths.mount(name)) : null;
  }

  private static MountRecord read(Path mount) throws IOException {
    byte[] json = DurableFiles.read(StorePaths.mountState(mount));
    return json == null ? null : MountRecord.parse(json);
  }

  /** Returns true while a process serves a mount. */
  public boolean isServed(MountRecord mount) throws IOException {
    return FileLock.isHeld(StorePaths.mountLock(paths.mount(mount.name())));
  }

  /** Locks a mount; returns null when a process serves it. */
  private static FileLock lock(Path mount) throws IOException {
    Path file = StorePaths.mountLock(mount);
    FileLock lock = FileLock.tryExclusive(file);
    for (int i = 0; lock == null && i < LOOKS; i++) {
      // A process that only looks whether it is served holds the lock for a moment.
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
      lock = FileLock.tryExclusive(file);
    }
    return lock;
  }

  /** Returns a name made from any text, to which up to 28 letters and digits can be appended. */
  public static String nameFrom(String wish) {
    String name = wish.replaceAll("[^a-zA-Z0-9_.-]", "-").replaceAll("^[^a-zA-Z0-9]+", "");
    return name.isEmpty() ? "mount" : name.substring(0, Math.min(name.length(), NAME_FROM_WISH));
  }

  /** Returns a name that no mount has, made from any text. */
  private String freeName(String wish) throws IOException {
    String base = nameFrom(wish);
    String name = base;
    for (int i = 2; HostFiles.exists(paths.mount(name)); i++) {
      name = base + "-" + i;
    }
    return name;
  }

  /**
   * Makes a mount of an image, which this process serves until it closes the hold.
   *
   * @param name null for one made from the mount point
   * @param upper the user's own; null for one in the store, or for none on a read-only mount
   * @param work on the same file system as {@code upper}; null with it
   */
  public MountHold make(
      StoredImage image, String name, Path mountPoint, Path upper, Path work, boolean readOnly)
      throws IOException {
    trees.of(image);
    Path root = trees.root(image.layersTopmostFirst());
    if (upper != null && HostFiles.list(upper).isEmpty()) {
      likeRoot(root, upper);
    }
    if (name != null) {
      checkName(name);
    }
    removeEnded();
    Path last = mountPoint.getFileName();
    while (true) {
      String mountName = name != null ? name : freeName(last == null ? "" : last.toString());
      MountRecord wanted =
          new MountRecord(
              mountName,
              image.toString(),
              image.descriptor().digest(),
              image.id(),
              image.layersTopmostFirst(),
              upper,
              work,
              mountPoint,
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      MountHold hold = make(wanted, upper == null && !readOnly, root);
      if (hold != null) {
        return hold;
      }
      if (name != null) {
        throw new ImageException("a mount named " + name + " already exists: choose another name");
      }
    }
  }

  /**
   * Makes a mount whose layers are leased.
   *
   * @param wanted with or without an upper of the user's; the store's own is made here
   * @param ownUpper whether the upper is in the store
   * @param root has the attributes of the root directory; null when no layer defines them
   * @return null when there is a mount of that name
   */
  private MountHold make(MountRecord wanted, boolean ownUpper, Path root) throws IOException {
    Path place = paths.mount(wanted.name());
    MountRecord mount =
        ownUpper ? wanted.withUpper(StorePaths.upper(place), StorePaths.work(place)) : wanted;
    Path made = workspace.newDirectory();
    if (ownUpper) {
      DurableFiles.makeDirectories(StorePaths.upper(made));
      DurableFiles.makeDirectories(StorePaths.work(made));
      likeRoot(root, StorePaths.upper(made));
    }
    DurableFiles.write(StorePaths.mountState(made), mount.json());
    DurableFiles.write(StorePaths.mountIsNew(made), new byte[0]);
    FileLock lock = FileLock.exclusive(StorePaths.mountLock(made));
    try {
      if (DurableFiles.moveNew(made, place)) {
        return new MountHold(mount, lock, StorePaths.mountIsNew(place));
      }
      lock.close();
      return null;
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /** Gives an upper the attributes that the mount's root directory shows. */
  private static void likeRoot(Path root, Path upper) throws IOException {
    if (root == null) {
      RootAttributes.setDefault(upper);
    } else {
      RootAttributes.copy(root, upper);
    }
  }

  /**
   * Takes up a mount whose upper was kept, which this process then serves.
   *
   * @throws ImageException when another process serves it
   */
  public MountHold resume(MountRecord mount, Path mountPoint) throws IOException {
    Path place = paths.mount(mount.name());
    FileLock lock = lock(place);
    if (lock == null) {
      throw new ImageException(
          "the mount " + mount.name() + " is in use, on " + mount.mountPoint());
    }
    try {
      // The mount may have been removed, and another one made, since its record was read.
      MountRecord now = read(place);
      if (now == null || !now.isOf(mount)) {
        throw new ImageException("the mount " + mount.name() + " has just been removed");
      }
      MountRecord changed = now.withMountPoint(mountPoint);
      Path state = workspace.newPath();
      DurableFiles.write(state, changed.json());
      DurableFiles.move(state, StorePaths.mountState(place));
      return new MountHold(changed, lock, StorePaths.mountIsNew(place));
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Removes a mount and, where that is in the store, its upper.
   *
   * @throws ImageException while it is served
   */
  public void remove(MountRecord mount) throws IOException {
    if (!removeUnlessServed(mount.name())) {
      throw new ImageException("the mount " + mount.name() + " is in use: unmount it first");
    }
  }

  /**
   * Removes a new mount that is not known to have served. It is kept when its upper is in the store
   * and not empty: a mount can be written to and unmounted before it is noticed that it serves.
   *
   * @throws ImageException while it is served
   */
  public void removeUnused(MountRecord mount) throws IOException {
    Path upper = StorePaths.upper(paths.mount(mount.name()));
    if (!HostFiles.exists(upper) || HostFiles.list(upper).isEmpty()) {
      remove(mount);
    }
  }

  /** Returns true also when another process has removed it meanwhile. */
  private boolean removeUnlessServed(String name) throws IOException {
    Path place = paths.mount(name);
    FileLock lock;
    try {
      lock = lock(place);
    } catch (ImageException e) {
      if (HostFiles.exists(place)) {
        throw e;
      }
      return true;
    }
    if (lock == null) {
      return false;
    }
    try {
      discarded.add(place);
      return true;
    } finally {
      lock.close();
    }
  }

  /**
   * Removes the mounts that have ended and of which nothing can be used again: read-only ones, and
   * those with an empty upper whose process ended before it served.
   */
  void removeEnded() throws IOException {
    for (MountRecord mount : all()) {
      if (!isServed(mount) && (mount.isReadOnly() || hasNeverServed(mount))) {
        removeUnlessServed(mount.name());
      }
    }
  }

  private boolean hasNeverServed(MountRecord mount) throws IOException {
    Path place = paths.mount(mount.name());
    // A crash can undo the note that it served, but not what was written then.
    return HostFiles.exists(StorePaths.mountIsNew(place))
        && HostFiles.list(mount.upper()).isEmpty();
  }
}
