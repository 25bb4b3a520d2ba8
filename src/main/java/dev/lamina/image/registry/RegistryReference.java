package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;

/** Parses references to images in registries and finds the hosts of registries. */
public final class RegistryReference {
  /** The name of the transport, the same as skopeo's and podman's (containers-transports(5)). */
  public static final String PREFIX = "docker://";

  private static final String HUB = "docker.io";
  private static final String HUB_HOST = "registry-1.docker.io";

  private RegistryReference() {}

  /**
   * Parses a reference.
   *
   * @param text the reference, with or without {@value #PREFIX}
   */
  public static ImageReference parse(String text) throws ImageException {
    return ImageReference.parse(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
  }

  /** Returns the host that serves the API of a registry. */
  static String host(String registry) {
    return registry.equals(HUB) ? HUB_HOST : registry;
  }

  /**
   * Returns the place of a repository on a mirror.
   *
   * @param mirror {@code HOST[:PORT][/PREFIX]}, or a URL as in Docker's {@code registry-mirrors}
   */
  static ImageReference mirrored(String mirror, String repository) throws ImageException {
    String place = mirror.replaceFirst("^https?://", "").replaceFirst("/+$", "");
    ImageReference found = ImageReference.parse(place + "/" + repository);
    if (!found.registry().equals(place.replaceFirst("/.*", ""))) {
      throw new ImageException("invalid mirror: " + mirror + " (its host needs a dot or a port)");
    }
    return found;
  }
}
