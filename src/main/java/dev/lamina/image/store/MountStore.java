package dev.lamina.image.store;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** The store's mounts: those that are served, and those whose upper is kept. */
final class MountStore {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
  private static final int NAME_FROM_WISH = 100;

  private static final int LOOKS = 5;
  private static final long LOOK_MILLIS = 20;

  private final StorePaths paths;

  MountStore(StorePaths paths) {
    this.paths = paths;
  }

  static void checkName(String name) throws ImageException {
    if (!NAME.matcher(name).matches()) {
      throw new ImageException(
          "not the name of a mount: "
              + Words.quote(name)
              + " (letters and digits, and _ . - between them)");
    }
  }

  /** By their names. */
  List<MountRecord> all() throws IOException {
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

  /** Null when there is none. */
  MountRecord find(String name) throws IOException {
    return NAME.matcher(name).matches() ? read(paths.mount(name)) : null;
  }

  private static MountRecord read(Path mount) throws IOException {
    byte[] json = DurableFiles.read(StorePaths.mountState(mount));
    return json == null ? null : MountRecord.parse(json);
  }

  /** True while a process serves it. */
  boolean isServed(String name) throws IOException {
    return FileLock.isHeld(StorePaths.mountLock(paths.mount(name)));
  }

  /** Of a mount; null when a process serves it. */
  private static FileLock lock(Path mount) throws IOException {
    Path file = StorePaths.mountLock(mount);
    FileLock lock = FileLock.tryExclusive(file);
    for (int i = 0; lock == null && i < LOOKS; i++) {
      // Perhaps somebody has only looked.
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

  /** A name made from a wish, short enough for something to be appended. */
  static String nameFrom(String wish) {
    String name = wish.replaceAll("[^a-zA-Z0-9_.-]", "-").replaceAll("^[^a-zA-Z0-9]+", "");
    return name.isEmpty() ? "mount" : name.substring(0, Math.min(name.length(), NAME_FROM_WISH));
  }

  /** A name that no mount has, made from a wish. */
  String freeName(String wish) throws IOException {
    String base = nameFrom(wish);
    String name = base;
    for (int i = 2; HostFiles.exists(paths.mount(name)); i++) {
      name = base + "-" + i;
    }
    return name;
  }

  /**
   * Makes a mount, to be served by this process. Its layers must be leased.
   *
   * @param wanted with or without an upper of the user's; the store's own is made here
   * @param ownUpper whether the upper is the store's
   * @param top what the root directory is like; null when no layer tells
   * @return null when there is one of that name
   */
  MountHold make(MountRecord wanted, boolean ownUpper, Path top, Workspace workspace)
      throws IOException {
    Path place = paths.mount(wanted.name());
    MountRecord mount =
        ownUpper ? wanted.withUpper(StorePaths.upper(place), StorePaths.work(place)) : wanted;
    Path made = workspace.newDirectory();
    if (ownUpper) {
      DurableFiles.makeDirectories(StorePaths.upper(made));
      DurableFiles.makeDirectories(StorePaths.work(made));
      likeRoot(top, StorePaths.upper(made));
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

  /** The upper's root is what the mount's root looks like. */
  static void likeRoot(Path top, Path upper) throws IOException {
    if (top == null) {
      RootAttributes.setDefault(upper);
    } else {
      RootAttributes.copy(top, upper);
    }
  }

  /**
   * Takes up a mount again, to be served by this process.
   *
   * @throws ImageException when another one serves it
   */
  MountHold resume(MountRecord mount, Path mountPoint, Workspace workspace) throws IOException {
    Path place = paths.mount(mount.name());
    FileLock lock = lock(place);
    if (lock == null) {
      throw new ImageException(
          "the mount " + mount.name() + " is in use, on " + mount.mountPoint());
    }
    try {
      // It may have been removed, and another one made, since it was read.
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
   * Removes a mount and, where it is the store's, its upper.
   *
   * @throws ImageException while it is served
   */
  void remove(String name, Discarded discarded) throws IOException {
    if (!removeUnlessServed(name, discarded)) {
      throw new ImageException("the mount " + name + " is in use: unmount it first");
    }
  }

  /** True also when somebody else has removed it meanwhile. */
  private boolean removeUnlessServed(String name, Discarded discarded) throws IOException {
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
   * Removes what is left of mounts that have ended and of which nothing can be used again: those
   * that are read-only, and those whose process ended before it served, with an empty upper.
   */
  void removeEnded(Discarded discarded) throws IOException {
    for (MountRecord mount : all()) {
      if (!isServed(mount.name()) && (mount.isReadOnly() || hasNeverServed(mount))) {
        removeUnlessServed(mount.name(), discarded);
      }
    }
  }

  private boolean hasNeverServed(MountRecord mount) throws IOException {
    Path place = paths.mount(mount.name());
    // That it served can be forgotten, by a crash; what was written then is there.
    return HostFiles.exists(StorePaths.mountIsNew(place))
        && HostFiles.list(mount.upper()).isEmpty();
  }
}
