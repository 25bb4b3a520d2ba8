package dev.lamina.image.registry;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;

/**
 * One request to a registry, but for its authorization.
 *
 * @param target relative to the registry, or of any origin where the registry named it
 * @param repository for which credentials may be known
 * @param scopes of the token that it takes (Docker's token authentication, "scope")
 * @param body null where there is none
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
