package dev.lamina.image.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.Messages;
import dev.lamina.image.Progress;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** An image that is pushed to a registry. */
public final class RegistryTarget implements ImageTarget {
  /** The most repositories from which mounting a blob is tried; each try costs a request. */
  private static final int MOST_ORIGINS = 3;

  private final ImageReference reference;
  private final Repository repository;
  private final Function<Descriptor, List<ImageReference>> origins;
  private final Progress progress;
  private final Map<Digest, BlobUpload.Session> begun = new ConcurrentHashMap<>();

  /**
   * @param origins returns repositories, in any registry, that may already have a blob
   */
  RegistryTarget(
      ImageReference reference,
      Repository repository,
      Function<Descriptor, List<ImageReference>> origins,
      Progress progress) {
    this.reference = reference;
    this.repository = repository;
    this.origins = origins;
    this.progress = progress;
  }

  /** Also has the registry mount the blob from another of its repositories. */
  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    if (Retries.run(repository.timing(), () -> repository.has(descriptor.digest()))) {
      return true;
    }
    List<String> others =
        origins.apply(descriptor).stream()
            .filter(origin -> origin.registry().equals(reference.registry()))
            .map(ImageReference::repository)
            .filter(name -> !name.equals(reference.repository()))
            .distinct()
            .limit(MOST_ORIGINS)
            .toList();
    for (String other : others) {
      if (mount(descriptor, other)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether the blob has been mounted. If not, the registry may have begun an upload
   * instead.
   */
  private boolean mount(Descriptor descriptor, String from) throws IOException {
    try (Response response =
        Retries.run(repository.timing(), () -> repository.mount(descriptor.digest(), from))) {
      if (response.status() == 201) {
        checkStored(response, descriptor.digest());
        return true;
      }
      if (response.status() == 202) {
        BlobUpload.Session session = BlobUpload.Session.of(repository, response);
        BlobUpload.abandon(repository, begun.put(descriptor.digest(), session));
      }
    } catch (ImageException e) {
      // A repository that cannot be read is not an error: the blob is uploaded instead.
      Log.debug(RegistryTarget.class, "nothing from {}: {}", from, e.getMessage());
    }
    return false;
  }

  @Override
  public void put(Descriptor descriptor, Contents contents) throws IOException {
    BlobUpload.Session session = begun.remove(descriptor.digest());
    new BlobUpload(repository, descriptor, contents, session, progress).run();
  }

  @Override
  public void putManifest(Document manifest) throws IOException {
    Digest digest = manifest.digest();
    if (reference.digest() != null && !reference.digest().equals(digest)) {
      throw new ImageException(
          "the image to be pushed is " + digest + ", not " + reference.digest());
    }
    put(manifest, reference.tag() != null ? reference.tag() : digest.toString());
  }

  /** Writes a manifest that an index refers to, without a tag of its own. */
  public void putUnnamed(Document manifest) throws IOException {
    put(manifest, manifest.digest().toString());
  }

  private void put(Document manifest, String tagOrDigest) throws IOException {
    String type = manifest.mediaType();
    if (type.isEmpty()) {
      type = manifest.isIndex() ? manifest.index().mediaType() : manifest.manifest().mediaType();
    }
    Map<String, String> headers = Map.of("Content-Type", type);
    try (Response response =
        Retries.run(
            repository.timing(),
            () ->
                repository.write(
                    "PUT",
                    "manifests/" + tagOrDigest,
                    headers,
                    new RequestBody(manifest.bytes())))) {
      if (response.status() < 200 || response.status() >= 300) {
        throw response.refused("the manifest of " + reference);
      }
      checkStored(response, manifest.digest());
    }
  }

  /**
   * Checks the digest in the response to a PUT.
   *
   * @throws ImageException if the registry has stored something other than what it was sent
   */
  static void checkStored(Response response, Digest digest) throws ImageException {
    String stored = response.header("Docker-Content-Digest");
    if (stored.startsWith(digest.algorithm() + ":") && !stored.equals(digest.toString())) {
      throw new ImageException(
          response.host() + " stored " + Messages.quote(stored) + " instead of " + digest);
    }
  }

  /** Cancels uploads that were begun but not needed. */
  @Override
  public void close() {
    begun.values().forEach(session -> BlobUpload.abandon(repository, session));
    begun.clear();
  }

  @Override
  public String toString() {
    return RegistryReference.PREFIX + reference;
  }
}
