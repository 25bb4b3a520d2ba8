package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Manifest;
import java.io.IOException;
import java.io.InputStream;

/** Writes an image into a layout, and converts a Docker image ({@link OciConversion}). */
final class LayoutTarget implements ImageTarget {
  private final OciLayout layout;
  private final String name;

  LayoutTarget(OciLayout layout, String name) {
    this.layout = layout;
    this.name = name;
  }

  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    return layout.has(descriptor);
  }

  @Override
  public void put(Descriptor descriptor, Contents contents) throws IOException {
    try (InputStream in = contents.open(0);
        BlobWriter writer = layout.writer(descriptor)) {
      in.transferTo(writer);
      writer.commit();
    }
  }

  @Override
  public void putManifest(Document given) throws IOException {
    Document manifest = OciConversion.of(given);
    if (!manifest.isIndex()) {
      checkIsWhole(manifest.manifest());
    }
    layout.tag(name, layout.write(manifest.effectiveMediaType(), manifest.bytes()));
  }

  /** Manifests that an index names may be missing; the parts of a manifest may not. */
  private void checkIsWhole(Manifest manifest) throws IOException {
    for (Descriptor part : manifest.parts()) {
      if (!layout.has(part) && part.urls().isEmpty()) {
        throw new ImageException(
            "the image is incomplete: " + layout + " has no blob " + part.digest());
      }
    }
  }

  @Override
  public void close() {
    // Blobs that were put without a manifest stay until a garbage collection removes them.
  }
}
