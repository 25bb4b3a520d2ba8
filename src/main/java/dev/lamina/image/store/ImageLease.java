package dev.lamina.image.store;

import dev.lamina.image.ImageException;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;

/** Protects images of the store from garbage collection, by the process's {@link Lease}. */
final class ImageLease {
  private final OciLayout layout;
  private final ImageParts parts;
  private final Lease lease;

  ImageLease(OciLayout layout, ImageParts parts, Lease lease) {
    this.layout = layout;
    this.parts = parts;
    this.lease = lease;
  }

  /**
   * Protects everything that an image consists of from garbage collection, for as long as the store
   * is open.
   *
   * @throws ImageException when it has been removed
   */
  void hold(StoredImage image) throws IOException {
    lease.add(parts.of(image));
    if (!layout.has(image.descriptor())) {
      throw new ImageException("the image " + image + " is no longer in the store");
    }
  }
}
