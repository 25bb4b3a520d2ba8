package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.Words;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The local store of images, layers and mounts, for any number of processes at once. What is in it
 * is there whole whatever happens to a process that uses it ({@link StorePaths} tells how it lies).
 *
 * <p>A process that uses the store has one object of this class open, which keeps what it is about
 * to need from being collected as garbage.
 */
public final class Store implements AutoCloseable {
  private final StorePaths paths;
  private final OciLayout layout;
  private final LayerStore layers;
  private final MountStore mounts;
  private final ImageNames names;
  private final Workspace workspace;
  private final Discarded discarded;
  private final Lease lease;
  private final Progress progress;

  private Store(StorePaths paths, UnpackLimits limits, Progress progress) throws IOException {
    this.paths = paths;
    this.progress = progress;
    DurableFiles.makeDirectories(paths.root());
    layout = OciLayout.create(paths.images());
    layers = new LayerStore(paths, limits);
    mounts = new MountStore(paths);
    names = new ImageNames(layout);
    workspace = new Workspace(paths);
    discarded = new Discarded(paths);
    lease = new Lease(paths);
  }

  /**
   * Opens a store, which is made where there is none. Nothing is written to one that is there until
   * it is needed: what only reads or removes works on a full disk as well.
   */
  public static Store open(Path root, UnpackLimits limits, Progress progress) throws IOException {
    return new Store(new StorePaths(root.toAbsolutePath()), limits, progress);
  }

  // Images

  /** All images, also those that have lost their names. */
  public List<StoredImage> images() throws IOException {
    return names.all();
  }

  /**
   * An image by its name, or by the beginning of its ID or digest.
   *
   * @throws ImageException when there is none
   */
  public StoredImage image(String name) throws IOException {
    StoredImage image = findImage(name);
    if (image == null) {
      throw new ImageException(
          "there is no image "
              + Words.quote(name)
              + " in the store; \"lamina images\" shows those that are, \"lamina pull\" brings one");
    }
    return image;
  }

  /** The name of an image that was meant by what was said; null when it was meant by its ID. */
  public String meantName(StoredImage image, String said) {
    return ImageNames.meant(image, said);
  }

  /** The same, but null when there is none. */
  public StoredImage findImage(String name) throws IOException {
    return findImage(name, Platform.host());
  }

  /**
   * The same.
   *
   * @param platform of several that another tool has put into the store under one name
   */
  public StoredImage findImage(String name, Platform platform) throws IOException {
    return names.find(name, platform);
  }

  /**
   * What an image may be called, before anything is done that would be for nothing.
   *
   * @param name null for none
   */
  public static void checkName(String name) throws ImageException {
    if (name != null) {
      ImageNames.withTag(name);
    }
  }

  /** Keeps what an image consists of while this object is open. */
  private void hold(StoredImage image) throws IOException {
    lease.add(names.reachable(image));
    if (!layout.has(image.descriptor())) {
      throw new ImageException("the image " + image + " is not in the store any more");
    }
  }

  /**
   * Brings an image into the store.
   *
   * @param name that it gets; null for none
   */
  public StoredImage pull(ImageSource source, Platform platform, String name) throws IOException {
    checkName(name);
    tidy();
    StoredImage image =
        new ImageFetch(layout, layers, workspace, lease, progress).fetch(source, platform);
    return named(image, name);
  }

  private StoredImage named(StoredImage image, String name) throws IOException {
    String full = name == null ? null : ImageNames.withTag(name);
    hold(image);
    if (full != null || !names.isListed(image.descriptor())) {
      layout.tag(full, image.descriptor());
    }
    return new StoredImage(
        full == null ? List.of() : List.of(full),
        image.descriptor(),
        image.manifest(),
        image.config());
  }

  /** Gives an image one more name, which another one that has it loses. */
  public void tag(StoredImage image, String name) throws IOException {
    named(image, name);
  }

  /** To read an image as it is in the store. */
  public ImageSource source(StoredImage image) throws IOException {
    hold(image);
    return layout.sourceOf(image.descriptor());
  }

  /**
   * Makes sure that all layers are unpacked, also of an image that another tool wrote into the
   * store.
   *
   * @return the layers' trees, topmost first. Merged, their root directory can have attributes that
   *     the image does not say: see {@link #trees(StoredImage)}
   */
  public List<Path> layerTrees(StoredImage image) throws IOException {
    List<Descriptor> blobs = image.manifest().layers();
    List<Digest> diffIds = image.config().diffIds();
    hold(image);
    for (Digest diffId : diffIds) {
      if (layers.find(diffId) == null) {
        new ImageFetch(layout, layers, workspace, lease, progress)
            .fetchLayers(null, blobs, diffIds);
        break;
      }
    }
    return layerTrees(image.layersTopmostFirst());
  }

  /**
   * What shows an image when it is merged, topmost first: its layers' trees and, where the topmost
   * layer does not say what the root directory is like, above them an empty one like the root of
   * the layer that does. All layers are unpacked if they were not.
   */
  public List<Path> trees(StoredImage image) throws IOException {
    layerTrees(image);
    return trees(image.layersTopmostFirst());
  }

  private List<Path> trees(List<Digest> topmostFirst) throws IOException {
    List<Path> trees = layerTrees(topmostFirst);
    Path root = root(topmostFirst);
    if (root != null && !layers.find(topmostFirst.get(0)).hasRoot()) {
      trees.add(0, root);
    }
    return trees;
  }

  private List<Path> layerTrees(List<Digest> topmostFirst) throws IOException {
    List<Path> trees = new ArrayList<>();
    for (Digest diffId : topmostFirst) {
      LayerInfo info = layers.find(diffId);
      if (info == null) {
        throw new ImageException("the layer " + diffId + " is not in the store any more");
      }
      trees.add(layers.tree(diffId));
      if (info.hidesBelow()) {
        // An opaque root, which a file system of layers would not notice.
        break;
      }
    }
    return trees;
  }

  /** What is known of an unpacked layer; null where it is not unpacked. */
  public LayerInfo layer(Digest diffId) throws IOException {
    return layers.find(diffId);
  }

  /** A layer that is about to be made; the caller's to commit, and to close. */
  public NewLayer newLayer(LayerCompression compression) throws IOException {
    tidy();
    return new NewLayer(layout, lease, compression);
  }

  /**
   * Makes an image of layers whose blobs are there, and gives it a name.
   *
   * @param unpack whether its layers are to be unpacked first, so that it is known that they can
   */
  public StoredImage add(ImageConfig config, List<Descriptor> blobs, String name, boolean unpack)
      throws IOException {
    byte[] bytes = config.bytes();
    Set<Digest> needed = new HashSet<>();
    blobs.forEach(blob -> needed.add(blob.digest()));
    Descriptor configDescriptor = Descriptor.of(MediaTypes.CONFIG, bytes);
    Manifest manifest = new Manifest(configDescriptor, blobs);
    byte[] manifestBytes = manifest.bytes();
    Descriptor descriptor = Descriptor.of(manifest.mediaType(), manifestBytes);
    needed.add(configDescriptor.digest());
    needed.add(descriptor.digest());
    lease.add(needed);
    for (Descriptor blob : blobs) {
      if (!layout.has(blob)) {
        throw new ImageException("the layer " + blob.digest() + " is not in the store any more");
      }
    }
    layout.write(configDescriptor.mediaType(), bytes);
    layout.write(descriptor.mediaType(), manifestBytes);
    StoredImage image = new StoredImage(List.of(), descriptor, manifest, config);
    if (unpack) {
      trees(image);
    }
    return named(image, name);
  }

  /**
   * Takes a name away; or, of an image named by its ID, all names. What only it used is removed,
   * unless a mount needs it.
   *
   * @return what was taken away: names, and digests of manifests that are gone
   */
  public List<String> remove(String name) throws IOException {
    StoredImage image = findImage(name);
    if (image == null && layout.remove(ImageNames.withTag(name))) {
      // One that cannot be read can still be taken off the list.
      return List.of(ImageNames.withTag(name));
    }
    image = image != null ? image : image(name);
    Set<Digest> doomed = names.reachableByNames(image);
    List<String> removed = new ArrayList<>(names.remove(image, name));
    try {
      collector().collect(doomed, lease);
    } catch (ImageException e) {
      Log.warn(Store.class, "nothing more was removed: {}", e.getMessage());
      return removed;
    }
    if (!layout.has(image.descriptor())) {
      removed.add(image.descriptor().digest().toString());
    }
    return removed;
  }

  // Mounts

  public List<MountRecord> mounts() throws IOException {
    return mounts.all();
  }

  /** True while a process serves it. */
  public boolean isServed(MountRecord mount) throws IOException {
    return mounts.isServed(mount.name());
  }

  /** A mount by its name, or by where it is; null when there is none. */
  public MountRecord findMount(String nameOrPlace) throws IOException {
    MountRecord byName = mounts.find(nameOrPlace);
    if (byName != null) {
      return byName;
    }
    Path place = HostPaths.path(nameOrPlace);
    try {
      place = place.toRealPath();
    } catch (IOException e) {
      // It need not be there any more.
      place = place.normalize();
    }
    MountRecord found = null;
    for (MountRecord mount : mounts.all()) {
      if (place.equals(mount.mountPoint())) {
        boolean better = found == null || isServed(mount);
        found = better ? mount : found;
      }
    }
    return found;
  }

  /**
   * A new directory to mount an image on and to run a command in it.
   *
   * @param mount the name that the mount will have
   * @param removesMount whether it goes with the run
   * @return the caller's to close, or to {@link #end}
   */
  public RunPlace newRunPlace(String mount, boolean removesMount) throws IOException {
    return new RunPlaces(paths, mounts).make(mount, removesMount);
  }

  /** What killed runs have left; the caller's to close, or to {@link #end}. */
  public List<RunPlace> abandonedRunPlaces() throws IOException {
    return new RunPlaces(paths, mounts).abandoned();
  }

  /**
   * Unmounts and removes a run's place, which is closed in any case.
   *
   * @param isLazy whether what is still used is detached, and not left
   * @return false when something is still used, and left for the next garbage collection
   */
  public boolean end(RunPlace place, boolean isLazy) throws IOException {
    return new RunPlaces(paths, mounts).end(place, isLazy, discarded);
  }

  /** A mount's name made from any text, to which up to 28 letters and digits can be appended. */
  public static String mountName(String wish) {
    return MountStore.nameFrom(wish);
  }

  /**
   * Makes a mount of an image, to be served by this process until the hold is closed.
   *
   * @param name null for one made from the mount point
   * @param upper of the user's; null for one of the store's, or for none on a read-only mount
   * @param work on the same file system as {@code upper}; null with it
   */
  public MountHold mount(
      StoredImage image, String name, Path mountPoint, Path upper, Path work, boolean readOnly)
      throws IOException {
    trees(image);
    Path top = root(image.layersTopmostFirst());
    if (upper != null && isNew(upper)) {
      MountStore.likeRoot(top, upper);
    }
    if (name != null) {
      MountStore.checkName(name);
    }
    mounts.removeEnded(discarded);
    Path last = mountPoint.getFileName();
    while (true) {
      String mountName = name != null ? name : mounts.freeName(last == null ? "" : last.toString());
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
      MountHold hold = mounts.make(wanted, upper == null && !readOnly, top, workspace);
      if (hold != null) {
        return hold;
      }
      if (name != null) {
        throw new ImageException("there is a mount " + name + " already: choose another");
      }
    }
  }

  private static boolean isNew(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** The attributes of the root directory are this one's; null when no layer tells them. */
  private Path root(List<Digest> topmostFirst) throws IOException {
    for (Digest diffId : topmostFirst) {
      if (layers.find(diffId).hasRoot()) {
        return layers.root(diffId);
      }
    }
    return null;
  }

  /** Takes up a mount whose upper was kept, to be served by this process. */
  public MountHold resume(MountRecord mount, Path mountPoint) throws IOException {
    return mounts.resume(mount, mountPoint, workspace);
  }

  /** What a mount shows below its upper, as {@link #trees(StoredImage)}. */
  public List<Path> trees(MountRecord mount) throws IOException {
    lease.add(mount.layers());
    return trees(mount.layers());
  }

  /** Everything that a mount shows when it is merged, its upper on top. */
  public List<Path> mergedTrees(MountRecord mount) throws IOException {
    List<Path> trees = trees(mount);
    if (!mount.isReadOnly()) {
      trees.add(0, mount.upper());
    }
    return trees;
  }

  /** The image that a mount is of, which may have lost its names. */
  public StoredImage image(MountRecord mount) throws IOException {
    return names.byManifest(mount.manifest());
  }

  /** Removes a mount that is not served and, where it is the store's, its upper. */
  public void removeMount(MountRecord mount) throws IOException {
    mounts.remove(mount.name(), discarded);
  }

  // Garbage

  /**
   * Removes what nothing needs: no name, no mount, no process.
   *
   * @param minAgeSeconds blobs that are younger stay: another tool may be writing an image
   * @return what was freed
   */
  public Garbage.Freed collectGarbage(long minAgeSeconds) throws IOException {
    Garbage.Freed freed = collector().collectAll(minAgeSeconds, lease);
    // This may take long, and needs no lock.
    removeLeftovers();
    return freed;
  }

  /** What killed processes have left goes when there is more to come, not only when one asks. */
  private void tidy() {
    try {
      removeLeftovers();
    } catch (IOException e) {
      // It is not what was asked for.
      Log.warn(Store.class, "left where it is: {}", Words.of(e));
    }
  }

  private void removeLeftovers() throws IOException {
    layout.removeAbandoned();
    Workspace.removeAbandoned(paths);
    discarded.removeAll();
  }

  private Garbage collector() {
    return new Garbage(paths, layout, layers, mounts, names, discarded);
  }

  @Override
  public void close() throws IOException {
    lease.close();
    try {
      workspace.close();
    } finally {
      discarded.close();
    }
  }
}
