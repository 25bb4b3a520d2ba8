package dev.lamina.image.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.Manifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An image in the store, for one platform.
 *
 * @param names is empty for an image whose name another one has got, or that never had one
 * @param descriptor describes the manifest
 */
public record StoredImage(
    List<String> names, Descriptor descriptor, Manifest manifest, ImageConfig config) {
  StoredImage withNames(List<String> others) {
    return new StoredImage(others, descriptor, manifest, config);
  }

  /** Returns what docker and podman call the image's ID: the digest of its configuration. */
  public Digest id() {
    return manifest.config().digest();
  }

  /** Returns the layers' diff IDs, topmost first. */
  public List<Digest> layersTopmostFirst() {
    List<Digest> all = new ArrayList<>(config.diffIds());
    Collections.reverse(all);
    return all;
  }

  /** Returns a name or, where there is none, the beginning of the ID, for messages. */
  @Override
  public String toString() {
    return names.isEmpty() ? id().abbreviated() : names.get(0);
  }
}
