package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The directories that the layers of images and mounts are unpacked in. */
public final class ImageTrees {
  private final LayerStore layers;
  private final ImageFetch fetch;
  private final ImageLease imageLease;
  private final Lease lease;

  ImageTrees(LayerStore layers, ImageFetch fetch, ImageLease imageLease, Lease lease) {
    this.layers = layers;
    this.fetch = fetch;
    this.imageLease = imageLease;
    this.lease = lease;
  }

  /** Returns what is known of an unpacked layer; null where it is not unpacked. */
  public LayerInfo layer(Digest diffId) throws IOException {
    return layers.find(diffId);
  }

  /**
   * Makes sure that all layers are unpacked, also those of an image that another tool wrote into
   * the store.
   *
   * @return the layers' trees, topmost first. Merged, their root directory can have attributes that
   *     the image does not define: see {@link #of(StoredImage)}
   */
  public List<Path> layers(StoredImage image) throws IOException {
    List<Descriptor> blobs = image.manifest().layers();
    List<Digest> diffIds = image.config().diffIds();
    imageLease.hold(image);
    for (Digest diffId : diffIds) {
      if (layers.find(diffId) == null) {
        fetch.fetchLayers(null, blobs, diffIds);
        break;
      }
    }
    return layers(image.layersTopmostFirst());
  }

  private List<Path> layers(List<Digest> topmostFirst) throws IOException {
    List<Path> trees = new ArrayList<>();
    for (Digest diffId : topmostFirst) {
      LayerInfo info = layers.find(diffId);
      if (info == null) {
        throw new ImageException("the layer " + diffId + " is no longer in the store");
      }
      trees.add(layers.tree(diffId));
      if (info.hidesBelow()) {
        // Its root is opaque, which a file system that merges layers would not notice.
        break;
      }
    }
    return trees;
  }

  /**
   * Returns the directories that show an image when they are merged, topmost first: its layers'
   * trees and, where the topmost layer does not define the attributes of the root directory, above
   * them an empty directory with those of the next layer that does. Layers are unpacked if
   * necessary.
   */
  public List<Path> of(StoredImage image) throws IOException {
    layers(image);
    return withRoot(image.layersTopmostFirst());
  }

  /** Returns the directories that a mount shows below its upper, as for an image. */
  public List<Path> of(MountRecord mount) throws IOException {
    lease.add(mount.layers());
    return withRoot(mount.layers());
  }

  /** Returns all directories that a mount shows when they are merged, its upper on top. */
  public List<Path> merged(MountRecord mount) throws IOException {
    List<Path> trees = of(mount);
    if (!mount.isReadOnly()) {
      trees.add(0, mount.upper());
    }
    return trees;
  }

  private List<Path> withRoot(List<Digest> topmostFirst) throws IOException {
    List<Path> trees = layers(topmostFirst);
    Path root = root(topmostFirst);
    if (root != null && !layers.find(topmostFirst.get(0)).hasRoot()) {
      trees.add(0, root);
    }
    return trees;
  }

  /**
   * Returns an empty directory that has the attributes of the merged root directory; null when no
   * layer defines them.
   */
  Path root(List<Digest> topmostFirst) throws IOException {
    for (Digest diffId : topmostFirst) {
      if (layers.find(diffId).hasRoot()) {
        return layers.root(diffId);
      }
    }
    return null;
  }
}
