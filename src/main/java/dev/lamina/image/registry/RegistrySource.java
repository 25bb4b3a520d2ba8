package dev.lamina.image.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Json;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Progress;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An image in a registry. Mirrors are asked first, with fewer attempts each. The place that had the
 * manifest is asked first for everything else.
 *
 * <p>The header Docker-Content-Digest is not used. What is requested by digest is verified here,
 * and what is requested by tag is whatever the registry sends.
 */
final class RegistrySource implements ImageSource {
  private static final String ACCEPT =
      String.join(
          ", ",
          MediaTypes.INDEX,
          MediaTypes.MANIFEST,
          MediaTypes.DOCKER_INDEX,
          MediaTypes.DOCKER_MANIFEST);

  private final ImageReference reference;
  private final List<Repository> places;
  private final Transport transport;
  private final Progress progress;
  private volatile int preferred;

  /**
   * @param places the repositories that may have the image; the last one is in the registry itself
   * @param transport the transport for layers outside registries
   */
  RegistrySource(
      ImageReference reference, List<Repository> places, Transport transport, Progress progress) {
    this.reference = reference;
    this.places = places;
    this.transport = transport;
    this.progress = progress;
  }

  @Override
  public Document document() throws IOException {
    for (int i = 0; i < places.size() - 1; i++) {
      try {
        Document document = named(places.get(i));
        preferred = i;
        return document;
      } catch (ImageException e) {
        Log.info(RegistrySource.class, "{}; asking {}", e.getMessage(), places.get(i + 1));
      }
    }
    preferred = places.size() - 1;
    return named(origin());
  }

  private Repository origin() {
    return places.get(places.size() - 1);
  }

  private Document named(Repository place) throws IOException {
    Document document = get(place, reference.tagOrDigest());
    if (reference.digest() != null) {
      int size = document.bytes().length;
      new Descriptor(document.mediaType(), reference.digest(), size).verify(document.bytes());
    }
    return document;
  }

  @Override
  public Document document(Descriptor descriptor) throws IOException {
    if (descriptor.size() > Json.LONGEST) {
      throw new ImageException(
          descriptor.digest() + " is too large for a manifest: " + descriptor.size() + " bytes");
    }
    for (int i = preferred; i < places.size() - 1; i++) {
      try {
        return get(places.get(i), descriptor);
      } catch (ImageException e) {
        Log.info(RegistrySource.class, "{}; asking {}", e.getMessage(), places.get(i + 1));
      }
    }
    return get(origin(), descriptor);
  }

  private static Document get(Repository place, Descriptor descriptor) throws IOException {
    Document document = get(place, descriptor.digest().toString());
    descriptor.verify(document.bytes());
    return document;
  }

  private static Document get(Repository place, String tagOrDigest) throws IOException {
    String what = place + (tagOrDigest.contains(":") ? "@" : ":") + tagOrDigest;
    return Retries.run(
        place.timing(),
        () -> {
          try (Response response =
              place.read("GET", "manifests/" + tagOrDigest, Map.of("Accept", ACCEPT))) {
            if (response.status() != 200) {
              throw response.refused(what);
            }
            String type = response.header("Content-Type").replaceFirst(";.*", "").strip();
            byte[] bytes = response.bytes(Json.LONGEST, "the manifest of " + what);
            return new Document(type.toLowerCase(Locale.ROOT), bytes);
          }
        });
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    List<BlobLocation> all = new ArrayList<>();
    for (Repository place : places.subList(preferred, places.size())) {
      all.add(BlobLocation.in(place, descriptor.digest()));
    }
    if (isForeign(descriptor)) {
      for (String url : descriptor.urls()) {
        all.add(BlobLocation.at(url, transport));
      }
    }
    return BlobStream.open(descriptor, all, offset, progress);
  }

  /**
   * Returns whether a layer may be downloaded from its URLs. Only foreign layers are, because a
   * manifest must not be able to make this machine send other requests to any host it names.
   */
  private static boolean isForeign(Descriptor descriptor) {
    return descriptor.mediaType().startsWith("application/vnd.docker.image.rootfs.foreign.")
        || descriptor.mediaType().contains(".layer.nondistributable.");
  }

  @Override
  public String toString() {
    return RegistryReference.PREFIX + reference;
  }

  /** Does nothing: the connections belong to the client. */
  @Override
  public void close() {}
}
