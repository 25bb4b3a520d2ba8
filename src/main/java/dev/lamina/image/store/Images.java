package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Messages;
import dev.lamina.image.Platform;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The images of the store: they are found by name, pulled, made, tagged and removed here. */
public final class Images {
  private final OciLayout layout;
  private final ImageNames names;
  private final ImageFetch fetch;
  private final ImageTrees trees;
  private final Leftovers leftovers;
  private final Garbage garbage;
  private final ImageLease imageLease;
  private final Lease lease;

  Images(
      OciLayout layout,
      ImageNames names,
      ImageFetch fetch,
      ImageTrees trees,
      Leftovers leftovers,
      Garbage garbage,
      ImageLease imageLease,
      Lease lease) {
    this.layout = layout;
    this.names = names;
    this.fetch = fetch;
    this.trees = trees;
    this.leftovers = leftovers;
    this.garbage = garbage;
    this.imageLease = imageLease;
    this.lease = lease;
  }

  /** Returns all images, also those that have lost their names. */
  public List<StoredImage> all() throws IOException {
    return names.all();
  }

  /**
   * Returns an image by its name, or by the beginning of its ID or digest.
   *
   * @throws ImageException when there is none
   */
  public StoredImage get(String name) throws IOException {
    StoredImage image = find(name);
    if (image == null) {
      throw new ImageException(
          "there is no image "
              + Messages.quote(name)
              + " in the store; \"lamina images\" lists the images, \"lamina pull\" fetches one");
    }
    return image;
  }

  /** Returns the same, or null when there is none. */
  public StoredImage find(String name) throws IOException {
    return find(name, Platform.host());
  }

  /**
   * Returns the same.
   *
   * @param platform chooses among the images of several platforms that another tool has put into
   *     the store under one name
   */
  public StoredImage find(String name, Platform platform) throws IOException {
    return names.find(name, platform);
  }

  /** Returns the image that a mount was made from, which may have lost its names. */
  public StoredImage of(MountRecord mount) throws IOException {
    return names.byManifest(mount.manifest());
  }

  /** Returns which of an image's names a user's word means; null when it means the ID. */
  public static String meantName(StoredImage image, String word) {
    return ImageNames.meant(image, word);
  }

  /**
   * Checks that an image may have a name, before work is done that would be in vain.
   *
   * @param name null for none
   */
  public static void checkName(String name) throws ImageException {
    if (name != null) {
      ImageNames.withTag(name);
    }
  }

  /**
   * Copies an image into the store.
   *
   * @param name that it gets; null for none
   */
  public StoredImage pull(ImageSource source, Platform platform, String name) throws IOException {
    checkName(name);
    leftovers.tidy();
    return named(fetch.fetch(source, platform), name);
  }

  private StoredImage named(StoredImage image, String name) throws IOException {
    String full = name == null ? null : ImageNames.withTag(name);
    imageLease.hold(image);
    if (full != null || !names.isListed(image.descriptor())) {
      layout.tag(full, image.descriptor());
    }
    return new StoredImage(
        full == null ? List.of() : List.of(full),
        image.descriptor(),
        image.manifest(),
        image.config());
  }

  /** Gives an image one more name; another image that has it loses it. */
  public void tag(StoredImage image, String name) throws IOException {
    named(image, name);
  }

  /** Returns a source that reads an image as it is in the store. */
  public ImageSource source(StoredImage image) throws IOException {
    imageLease.hold(image);
    return layout.sourceOf(image.descriptor());
  }

  /** Begins a new layer, which the caller commits and closes. */
  public NewLayer newLayer(LayerCompression compression) throws IOException {
    leftovers.tidy();
    return new NewLayer(layout, lease, compression);
  }

  /**
   * Makes an image of layers whose blobs are in the store, and gives it a name.
   *
   * @param unpack whether its layers are unpacked first, which shows whether they can be
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
        throw new ImageException("the layer " + blob.digest() + " is no longer in the store");
      }
    }
    layout.write(configDescriptor.mediaType(), bytes);
    layout.write(descriptor.mediaType(), manifestBytes);
    StoredImage image = new StoredImage(List.of(), descriptor, manifest, config);
    if (unpack) {
      trees.of(image);
    }
    return named(image, name);
  }

  /**
   * Removes a name or, of an image given by its ID, all names. What only that image used is removed
   * unless a mount needs it.
   *
   * @return what was removed: names, and digests of manifests that are no longer there
   */
  public List<String> remove(String name) throws IOException {
    StoredImage image = find(name);
    String unreadable = image != null ? null : removeUnreadable(name);
    if (unreadable != null) {
      return List.of(unreadable);
    }
    image = image != null ? image : get(name);
    Set<Digest> doomed = names.reachableByNames(image);
    List<String> removed = new ArrayList<>(names.remove(image, name));
    try {
      garbage.collect(doomed);
    } catch (ImageException e) {
      Log.warn(
          Images.class,
          "the name was removed, but not the image's blobs and layers: {}",
          e.getMessage());
      return removed;
    }
    if (!layout.has(image.descriptor())) {
      removed.add(image.descriptor().digest().toString());
    }
    return removed;
  }

  /**
   * Removes an image that cannot be read from the index, by its name or its whole digest.
   *
   * @return what was removed; null when the index has no such image
   */
  private String removeUnreadable(String name) throws IOException {
    String full = ImageNames.withTag(name);
    if (layout.remove(full)) {
      return full;
    }
    Digest digest;
    try {
      digest = Digest.parse(name);
    } catch (ImageException e) {
      return null;
    }
    return !names.isReadable(digest) && layout.remove(digest) ? name : null;
  }
}
