package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;

/** How images in registries are written and where registries are. */
public final class RegistryReference {
  /** The transport's name, as skopeo and podman have it (containers-transports(5)). */
  public static final String PREFIX = "docker://";

  private static final String HUB = "docker.io";
  private static final String HUB_HOST = "registry-1.docker.io";

  private RegistryReference() {}

  /**
   * @param text with {@value #PREFIX} or without
   */
  public static ImageReference parse(String text) throws ImageException {
    return ImageReference.parse(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
  }

  /** The host whose API has the images of a registry. */
  static String host(String registry) {
    return registry.equals(HUB) ? HUB_HOST : registry;
  }

  /**
   * Where a mirror has a repository.
   *
   * @param mirror {@code HOST[:PORT][/PREFIX]}, also as a URL as docker's {@code registry-mirrors}
   */
  static ImageReference mirrored(String mirror, String repository) throws ImageException {
    String place = mirror.replaceFirst("^https?://", "").replaceFirst("/+$", "");
    ImageReference found = ImageReference.parse(place + "/" + repository);
    if (!found.registry().equals(place.replaceFirst("/.*", ""))) {
      throw new ImageException("a mirror needs a host with a dot or a port in it: " + mirror);
    }
    return found;
  }
}
