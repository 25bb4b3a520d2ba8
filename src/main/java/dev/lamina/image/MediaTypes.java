package dev.lamina.image;

import java.util.Set;

/** The media types of the OCI image specification and of its predecessor, Docker's schema 2. */
public final class MediaTypes {
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String LAYER_GZIP = LAYER + "+gzip";
  public static final String LAYER_ZSTD = LAYER + "+zstd";

  public static final String DOCKER_INDEX =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  public static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
  public static final String DOCKER_LAYER_GZIP = DOCKER_LAYER + ".gzip";

  /** Both forms of Docker's schema 1 of 2015, whose content cannot be verified. */
  private static final String DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

  private static final Set<String> INDEXES = Set.of(INDEX, DOCKER_INDEX);
  private static final Set<String> MANIFESTS = Set.of(MANIFEST, DOCKER_MANIFEST);
  private static final Set<String> CONFIGS = Set.of(CONFIG, DOCKER_CONFIG);

  private MediaTypes() {}

  public static boolean isIndex(String type) {
    return INDEXES.contains(type);
  }

  public static boolean isManifest(String type) {
    return MANIFESTS.contains(type);
  }

  public static boolean isConfig(String type) {
    return CONFIGS.contains(type);
  }

  static boolean isSchema1(String type) {
    return type.startsWith(DOCKER_SCHEMA_1);
  }

  /**
   * Returns true for a layer's tar with any compression, including layers that must not be
   * distributed. The compression is determined from the first bytes, as media types are often
   * wrong.
   */
  public static boolean isLayer(String type) {
    return type.startsWith("application/vnd.oci.image.layer.")
        || type.startsWith("application/vnd.docker.image.rootfs.");
  }

  /** Returns true for an encrypted layer (OCIcrypt, {@code +encrypted}). */
  public static boolean isEncrypted(String type) {
    return type.endsWith("+encrypted");
  }
}
