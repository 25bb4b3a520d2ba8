package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.Manifest;
import java.util.ArrayList;
import java.util.List;

/** What writers of images ask a manifest. */
public final class Documents {
  private Documents() {}

  /** The media type that a document is to be given under, told or not. */
  public static String mediaType(Document document) throws ImageException {
    return document.isIndex() ? document.index().mediaType() : document.manifest().mediaType();
  }

  /** The configuration and the layers. */
  public static List<Descriptor> parts(Manifest manifest) {
    List<Descriptor> parts = new ArrayList<>();
    parts.add(manifest.config());
    parts.addAll(manifest.layers());
    return parts;
  }
}
