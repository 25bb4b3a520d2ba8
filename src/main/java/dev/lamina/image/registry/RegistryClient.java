package dev.lamina.image.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A client of registries. Its sources and targets share connections and tokens, and any number of
 * threads may use them at once.
 */
public final class RegistryClient implements AutoCloseable {
  private final RegistryOptions options;
  private final Progress progress;
  private final CredentialStore store;

  /** The transports by their directory of certificates, which is empty for none. */
  private final Map<Optional<Path>, Transport> transports = new HashMap<>();

  private final Map<String, Endpoint> registries = new HashMap<>();
  private final Map<String, Endpoint> mirrors = new HashMap<>();

  public RegistryClient(RegistryOptions options, Progress progress) {
    this.options = options;
    this.progress = progress;
    store = new CredentialStore(options);
  }

  /**
   * Returns a source for reading an image. It sends no request yet.
   *
   * @return the source, which must be closed before the client
   */
  public synchronized ImageSource source(ImageReference reference) throws ImageException {
    List<Repository> places = new ArrayList<>();
    for (String mirror : options.mirrors()) {
      ImageReference mirrored = RegistryReference.mirrored(mirror, reference.repository());
      Endpoint endpoint = endpoint(mirrors, mirrored.registry(), options.timing().ofMirror(), null);
      places.add(new Repository(endpoint, mirrored.repository()));
    }
    places.add(origin(reference));
    Transport transport = transport(RegistryReference.host(reference.registry()));
    return new RegistrySource(reference, List.copyOf(places), transport, progress);
  }

  /**
   * Returns a target for writing an image. It sends no request yet.
   *
   * @param origins returns repositories that may already have a blob; the registry mounts it from
   *     there if the repository is in the same registry
   * @return the target, which must be closed before the client
   */
  public synchronized RegistryTarget target(
      ImageReference reference, Function<Descriptor, List<ImageReference>> origins)
      throws ImageException {
    return new RegistryTarget(reference, origin(reference), origins, progress);
  }

  private Repository origin(ImageReference reference) throws ImageException {
    Endpoint endpoint =
        endpoint(registries, reference.registry(), options.timing(), options.credentials());
    return new Repository(endpoint, reference.repository());
  }

  private Endpoint endpoint(
      Map<String, Endpoint> all, String registry, Timing timing, Credentials given)
      throws ImageException {
    Endpoint known = all.get(registry);
    if (known == null) {
      String host = RegistryReference.host(registry);
      Transport transport = transport(host);
      Authorization authorization = new Authorization(registry, transport, store, given);
      known = new Endpoint(registry, host, transport, timing, authorization);
      all.put(registry, known);
    }
    return known;
  }

  private Transport transport(String host) throws ImageException {
    Path certificates = Tls.directory(options, host);
    Transport known = transports.get(Optional.ofNullable(certificates));
    if (known == null) {
      known = new Transport(options, Tls.context(options.tlsVerify(), certificates));
      transports.put(Optional.ofNullable(certificates), known);
    }
    return known;
  }

  /** Closes all connections. Transfers that are under way fail. */
  @Override
  public synchronized void close() {
    transports.values().forEach(Transport::close);
  }
}
