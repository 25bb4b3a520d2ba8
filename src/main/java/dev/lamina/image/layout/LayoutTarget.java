package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Manifest;
import java.io.IOException;
import java.io.InputStream;

/** An image on its way into a layout; one of Docker's becomes OCI's ({@link OciForm}). */
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
    Document manifest = OciForm.of(given);
    if (!manifest.isIndex()) {
      checkIsWhole(manifest.manifest());
    }
    layout.tag(name, layout.write(Documents.mediaType(manifest), manifest.bytes()));
  }

  /** What an index names may be elsewhere; an image without its layers is none. */
  private void checkIsWhole(Manifest manifest) throws IOException {
    for (Descriptor part : Documents.parts(manifest)) {
      if (!layout.has(part) && part.urls().isEmpty()) {
        throw new ImageException(
            "the image cannot be named: its part " + part.digest() + " is not in " + layout);
      }
    }
  }

  @Override
  public void close() {
    // What was put without a manifest has no name, and is removed with all that has none.
  }
}
