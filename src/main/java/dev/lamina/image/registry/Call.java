package dev.lamina.image.registry;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;

/**
 * One request to a registry, without its authorization.
 *
 * @param target a URI relative to the registry, or an absolute one that the registry has given
 * @param repository the repository whose credentials are used
 * @param scopes the scopes of the token that is needed (Docker's token authentication, "scope")
 * @param body the body; null for none
 */
record Call(
    String method,
    URI target,
    String repository,
    List<String> scopes,
    Map<String, String> headers,
    RequestBody body) {
  HttpRequest.Builder request(URI absolute) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(absolute)
            .method(method, body == null ? BodyPublishers.noBody() : body.publisher());
    headers.forEach(request::setHeader);
    return request;
  }
}
