package dev.lamina.image.store;

import dev.lamina.image.Progress;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The local store of images, layers and mounts, which any number of processes may use at once. What
 * is in it is complete whatever happens to a process that uses it ({@link StorePaths} describes how
 * it is laid out on the disk).
 *
 * <p>A process that uses the store has one object of this class open, which protects what the
 * process is about to need from garbage collection. The work is done by the parts: callers take the
 * ones that they need.
 */
public final class Store implements AutoCloseable {
  private final Images images;
  private final ImageTrees trees;
  private final ImageMounts mounts;
  private final RunPlaces runs;
  private final Garbage garbage;
  private final Workspace workspace;
  private final Discarded discarded;
  private final Lease lease;

  private Store(StorePaths paths, UnpackLimits limits, Progress progress) throws IOException {
    DurableFiles.makeDirectories(paths.root());
    OciLayout layout = OciLayout.create(paths.images());
    workspace = new Workspace(paths);
    discarded = new Discarded(paths);
    lease = new Lease(paths);
    LayerStore layers = new LayerStore(paths, limits);
    ImageParts parts = new ImageParts(layout);
    ImageFetch fetch = new ImageFetch(layout, layers, workspace, lease, progress);
    ImageLease imageLease = new ImageLease(layout, parts, lease);
    Leftovers leftovers = new Leftovers(paths, layout, discarded);
    trees = new ImageTrees(layers, fetch, imageLease, lease);
    mounts = new ImageMounts(paths, trees, workspace, discarded);
    runs = new RunPlaces(paths, mounts);
    garbage = new Garbage(paths, layout, layers, mounts, parts, discarded, leftovers, lease);
    ImageNames names = new ImageNames(layout, parts);
    images = new Images(layout, names, fetch, trees, leftovers, garbage, imageLease, lease);
  }

  /**
   * Opens a store, and makes it first where there is none. Nothing is written to an existing store
   * until that is necessary: commands that only read or remove also work on a full disk.
   */
  public static Store open(Path root, UnpackLimits limits, Progress progress) throws IOException {
    return new Store(new StorePaths(root.toAbsolutePath()), limits, progress);
  }

  /** Opens a store in the same way, with the usual limits and without a display of progress. */
  public static Store open(Path root) throws IOException {
    return open(root, UnpackLimits.DEFAULT, Progress.NONE);
  }

  /** Returns the images: their names and contents. */
  public Images images() {
    return images;
  }

  /** Returns the unpacked layers of images and mounts. */
  public ImageTrees trees() {
    return trees;
  }

  /** Returns the mounts of images. */
  public ImageMounts mounts() {
    return mounts;
  }

  /** Returns the directories in which {@code lamina run} mounts images. */
  public RunPlaces runs() {
    return runs;
  }

  /** Returns the garbage collector. */
  public Garbage garbage() {
    return garbage;
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
