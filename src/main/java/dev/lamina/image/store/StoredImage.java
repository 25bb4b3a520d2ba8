package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.Manifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An image of the store, for one platform.
 *
 * @param names that it has; none for one that was replaced, or never had one
 * @param descriptor of its manifest
 */
public record StoredImage(
    List<String> names, Descriptor descriptor, Manifest manifest, ImageConfig config) {
  StoredImage withNames(List<String> others) {
    return new StoredImage(others, descriptor, manifest, config);
  }

  /** What docker and podman call the image's ID: the digest of its configuration. */
  public Digest id() {
    return manifest.config().digest();
  }

  /** Diff IDs, topmost first, as mounts have them. */
  public List<Digest> layersTopmostFirst() {
    List<Digest> all = new ArrayList<>(config.diffIds());
    Collections.reverse(all);
    return all;
  }

  /** For messages: a name or, where there is none, the beginning of the ID. */
  @Override
  public String toString() {
    return names.isEmpty() ? id().abbreviated() : names.get(0);
  }
}
