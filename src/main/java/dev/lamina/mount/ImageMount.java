package dev.lamina.mount;

import dev.lamina.fuse.MountException;
import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.store.ImageMounts;
import dev.lamina.image.store.ImageTrees;
import dev.lamina.image.store.Images;
import dev.lamina.image.store.MountHold;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.image.store.StoredImage;
import dev.lamina.image.transfer.ImageSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mount of an image, which this process serves until it closes this object. What cannot be used
 * again is then removed: a read-only mount, and a new one that has never served and holds no
 * changes.
 */
public final class ImageMount implements AutoCloseable {
  private final Path storeRoot;
  private final MountHold hold;
  private final List<Path> trees;
  private final boolean isNew;
  private volatile boolean hasServed;

  private ImageMount(Path storeRoot, MountHold hold, List<Path> trees, boolean isNew) {
    this.storeRoot = storeRoot;
    this.hold = hold;
    this.trees = trees;
    this.isNew = isNew;
  }

  /**
   * Pulls the image unless it is in the store, and makes the mount or takes up the one of its name.
   */
  public static ImageMount prepare(
      ImageMountRequest request, MountPoint mountPoint, Progress progress)
      throws MountException, IOException {
    // An image that could not be mounted there need not be pulled.
    mountPoint.check();
    Path place = HostPaths.path(MountPoint.text(mountPoint.path()));
    try (Store store = Store.open(request.storeRoot(), request.limits(), progress)) {
      return prepare(request, place, store);
    }
  }

  private static ImageMount prepare(ImageMountRequest request, Path place, Store store)
      throws IOException {
    Images images = store.images();
    ImageMounts mounts = store.mounts();
    ImageTrees trees = store.trees();
    Path root = request.storeRoot();
    String name = request.name();
    MountRecord known = name == null || request.mustBeNew() ? null : mounts.find(name);
    MountRecord kept = known != null && known.name().equals(name) ? known : null;
    // The image of a kept mount may have lost the name that the mount was made with.
    StoredImage image =
        kept != null && kept.image().equals(request.image())
            ? images.of(kept)
            : findOrPull(request, images);
    if (kept != null) {
      checkSame(request, kept, image);
      return new ImageMount(root, mounts.resume(kept, place), trees.of(kept), false);
    }
    Path upper = request.upper();
    Path work = request.work();
    if (upper != null) {
      Files.createDirectories(upper);
      // Beside the directory that the upper's path leads to, and so on its file system.
      work = work == null ? HostPaths.path(HostPaths.text(upper.toRealPath()) + ".work") : work;
      Files.createDirectories(work);
    }
    MountHold hold = mounts.make(image, name, place, upper, work, request.isReadOnly());
    return new ImageMount(root, hold, trees.of(hold.mount()), true);
  }

  private static StoredImage findOrPull(ImageMountRequest request, Images images)
      throws IOException {
    StoredImage known = new ImageSearch(images, request.platform()).find(request.image());
    return known != null
        ? known
        : images.get(PullProcess.run(request.storeRoot(), request.pullCommand()));
  }

  private static void checkSame(ImageMountRequest request, MountRecord kept, StoredImage image)
      throws ImageException {
    String exists = "a mount named " + kept.name() + " already exists, ";
    String advice = ": choose another name";
    Platform wanted = request.platform();
    if (wanted != null && image.config().platform().suits(wanted) < 0) {
      throw new ImageException(exists + "for " + image.config().platform() + advice);
    }
    if (!kept.manifest().equals(image.descriptor().digest()) || kept.isReadOnly()) {
      throw new ImageException(exists + "of another image (" + kept.image() + ")" + advice);
    }
    Path upper = request.upper();
    if (request.isReadOnly() || upper != null && !kept.upper().equals(upper)) {
      throw new ImageException(exists + "whose changes are in " + kept.upper() + advice);
    }
  }

  /**
   * Makes the image's layers those of the options.
   *
   * @throws OptionException when the options name layers as well
   */
  public void setLayers(MountOptions options) throws OptionException {
    MountRecord mount = hold.mount();
    List<byte[]> lower = new ArrayList<>();
    for (Path tree : trees) {
      lower.add(HostPaths.bytes(tree));
    }
    byte[] upper = mount.isReadOnly() ? null : HostPaths.bytes(mount.upper());
    byte[] work = mount.isReadOnly() ? null : HostPaths.bytes(mount.work());
    options.setLayers(lower, upper, work);
  }

  /** Notes that the mount serves: from now on its changes are kept. */
  public void serves() {
    hasServed = true;
    hold.serves();
  }

  @Override
  public void close() throws IOException {
    hold.close();
    MountRecord mount = hold.mount();
    boolean isUnused = isNew && !hasServed;
    if ((mount.isReadOnly() || isUnused) && Files.isDirectory(storeRoot)) {
      try (Store store = Store.open(storeRoot)) {
        if (mount.isReadOnly()) {
          store.mounts().remove(mount);
        } else {
          store.mounts().removeUnused(mount);
        }
      }
    }
  }
}
