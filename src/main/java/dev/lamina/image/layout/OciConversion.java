package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;

/**
 * Converts an image of Docker's schema 2 to an OCI image, which has other media types for the same
 * content. Skopeo does the same when it writes a layout, and neither skopeo nor umoci reads
 * Docker's manifests in layouts. The configuration, and with it the image's ID, stays the same; the
 * digest of the manifest changes.
 */
public final class OciConversion {
  private static final String DOCKER_FOREIGN_LAYER =
      "application/vnd.docker.image.rootfs.foreign.diff.tar";
  private static final String FOREIGN_LAYER =
      "application/vnd.oci.image.layer.nondistributable.v1.tar";

  private OciConversion() {}

  /**
   * Converts a manifest. An OCI manifest or index is returned unchanged.
   *
   * @throws ImageException for Docker's manifest list, whose manifests would have to be converted
   *     as well
   */
  public static Document of(Document document) throws ImageException {
    if (document.isIndex()) {
      if (document.index().mediaType().equals(MediaTypes.DOCKER_INDEX)) {
        throw new ImageException(
            "a Docker image for several platforms cannot be written to an OCI layout or archive:"
                + " select one of its platforms");
      }
      return document;
    }
    Manifest manifest = document.manifest();
    if (!manifest.mediaType().equals(MediaTypes.DOCKER_MANIFEST)) {
      return document;
    }
    Manifest oci =
        new Manifest(
            MediaTypes.MANIFEST,
            as(manifest.config(), type(manifest.config().mediaType())),
            manifest.layers().stream().map(layer -> as(layer, type(layer.mediaType()))).toList(),
            manifest.annotations());
    return new Document(MediaTypes.MANIFEST, oci.bytes());
  }

  private static Descriptor as(Descriptor descriptor, String type) {
    return new Descriptor(
        type,
        descriptor.digest(),
        descriptor.size(),
        descriptor.urls(),
        descriptor.annotations(),
        descriptor.platform());
  }

  /** Returns OCI's media type. Docker writes {@code .gzip} where OCI writes {@code +gzip}. */
  private static String type(String docker) {
    if (docker.equals(MediaTypes.DOCKER_CONFIG)) {
      return MediaTypes.CONFIG;
    }
    if (docker.startsWith(MediaTypes.DOCKER_LAYER)) {
      return MediaTypes.LAYER + suffix(docker, MediaTypes.DOCKER_LAYER);
    }
    if (docker.startsWith(DOCKER_FOREIGN_LAYER)) {
      return FOREIGN_LAYER + suffix(docker, DOCKER_FOREIGN_LAYER);
    }
    return docker;
  }

  private static String suffix(String type, String prefix) {
    return type.substring(prefix.length()).replace('.', '+');
  }
}
