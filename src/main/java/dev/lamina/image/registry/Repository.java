package dev.lamina.image.registry;

import dev.lamina.image.Digest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * A repository in a registry (OCI distribution specification). The caller repeats requests that
 * fail.
 */
record Repository(Endpoint endpoint, String name) {
  private static final String PULL = ":pull";
  private static final String PUSH = ":pull,push";

  /**
   * Sends a request that only reads.
   *
   * @param target a path below the repository: {@code manifests/latest}
   */
  Response read(String method, String target, Map<String, String> headers) throws IOException {
    return endpoint.send(
        new Call(method, uri(target), name, List.of(scope(name, PULL)), headers, null));
  }

  /** Returns whether the repository has a blob. */
  boolean has(Digest digest) throws IOException {
    try (Response response = read("HEAD", blob(digest), Map.of())) {
      if (response.status() != 200 && response.status() != 404) {
        throw response.refused("a request for " + digest);
      }
      return response.status() == 200;
    }
  }

  Response write(String method, String target, Map<String, String> headers, RequestBody body)
      throws IOException {
    return write(method, uri(target), headers, body);
  }

  /**
   * Sends a request that writes.
   *
   * @param target a URI that the registry has given
   */
  Response write(String method, URI target, Map<String, String> headers, RequestBody body)
      throws IOException {
    return endpoint.send(new Call(method, target, name, List.of(scope(name, PUSH)), headers, body));
  }

  /** Asks to mount a blob of another repository (OCI distribution specification, "Mounting"). */
  Response mount(Digest digest, String from) throws IOException {
    String target = "blobs/uploads/?mount=" + digest + "&from=" + from;
    List<String> scopes = List.of(scope(name, PUSH), scope(from, PULL));
    return endpoint.send(new Call("POST", uri(target), name, scopes, Map.of(), null));
  }

  private URI uri(String target) {
    return URI.create("/v2/" + name + "/" + target);
  }

  static String blob(Digest digest) {
    return "blobs/" + digest;
  }

  private static String scope(String repository, String actions) {
    return "repository:" + repository + actions;
  }

  Timing timing() {
    return endpoint.timing();
  }

  @Override
  public String toString() {
    return endpoint.registry() + "/" + name;
  }
}
