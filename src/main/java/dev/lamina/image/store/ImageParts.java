package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Messages;
import dev.lamina.image.layout.LayoutImage;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.image.layout.ReachableBlobs;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds the digests of everything that images and mounts consist of: of their blobs, and the diff
 * IDs of their unpacked layers. What is not found here may be removed as garbage, so that an image
 * that cannot be read is an error and not an image without parts.
 */
final class ImageParts {
  private final OciLayout layout;

  ImageParts(OciLayout layout) {
    this.layout = layout;
  }

  /** Returns the parts of an image whose configuration has been read. */
  Set<Digest> of(StoredImage image) throws IOException {
    Set<Digest> all = new HashSet<>(layout.walk(image.descriptor()));
    all.addAll(image.config().diffIds());
    return all;
  }

  /** Returns what a mount needs to be mounted again, or to become an image. */
  Set<Digest> of(MountRecord mount) throws IOException {
    Set<Digest> all = new HashSet<>(mount.layers());
    all.add(mount.config());
    long size = layout.size(mount.manifest());
    if (size >= 0) {
      all.addAll(layout.walk(new Descriptor(MediaTypes.MANIFEST, mount.manifest(), size)));
    }
    return all;
  }

  /**
   * Returns the parts of all images in the index.
   *
   * @throws ImageException when one of them cannot be read, so that it is not known what it needs
   */
  Set<Digest> ofIndex() throws IOException {
    Set<Digest> all = new HashSet<>();
    for (LayoutImage entry : layout.images()) {
      try {
        all.addAll(of(entry.descriptor()));
      } catch (ImageException e) {
        String name =
            entry.name() == null
                ? entry.descriptor().digest().toString()
                : Messages.quote(entry.name());
        throw new ImageException(
            "the image "
                + name
                + " cannot be read, and so it is not known what it needs: "
                + e.getMessage()
                + " (pull it again, or remove it: lamina rmi "
                + name
                + ")",
            e);
      }
    }
    return all;
  }

  /**
   * Returns the parts of a manifest or of all manifests that an index names.
   *
   * @throws ImageException when a manifest or a configuration is damaged
   */
  Set<Digest> of(Descriptor image) throws IOException {
    ReachableBlobs blobs = layout.reachable(image);
    Set<Digest> all = new HashSet<>(blobs.all());
    for (Descriptor config : blobs.configs()) {
      if (layout.size(config.digest()) >= 0) {
        addDiffIds(config, all);
      }
    }
    return all;
  }

  private void addDiffIds(Descriptor config, Set<Digest> all) throws IOException {
    try {
      all.addAll(ImageConfig.parse(layout.document(config).bytes()).diffIds());
    } catch (ImageException e) {
      // Registries keep other things than images too, whose configuration is of another kind. It
      // need not be JSON, and may be larger than a document can be.
      if (MediaTypes.isConfig(config.mediaType())) {
        throw e;
      }
    }
  }
}
