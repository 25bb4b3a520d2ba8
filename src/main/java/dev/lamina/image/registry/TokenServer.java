package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The server from which tokens for a registry come (Docker's token authentication specification).
 * They are requested by GET, with basic authentication or none, or by POST (OAuth 2) with an
 * identity token.
 */
final class TokenServer {
  /** The lifetime of a token if its server does not give one. */
  private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);

  private static final int LONGEST = 1 << 20;

  private final Transport transport;
  private final URI realm;
  private final String service;

  /**
   * @param registry the registry's name, for messages
   * @throws ImageException if the challenge has no usable URL, or one to which a password must not
   *     be sent
   */
  TokenServer(Transport transport, String registry, Challenge challenge) throws ImageException {
    this.transport = transport;
    try {
      realm = Origin.parse(challenge.parameter("realm"));
    } catch (ImageException e) {
      throw new ImageException(registry + " names no usable token server: " + e.getMessage(), e);
    }
    Origin origin = Origin.of(realm);
    if (transport.options().tlsVerify() && !origin.isEncrypted() && !origin.isLoopback()) {
      throw new ImageException(
          registry
              + " requires a token from "
              + origin.host()
              + " over plain HTTP, where anybody could read the password");
    }
    service = challenge.parameter("service");
  }

  /**
   * Gets a token.
   *
   * @param credentials the credentials; null to ask for a token without any
   * @throws RefusedException if the server does not accept the credentials
   */
  Token get(List<String> scopes, Credentials credentials) throws IOException {
    Call call =
        credentials != null && credentials.isIdentityToken()
            ? exchange(scopes, credentials)
            : ask(scopes, credentials);
    String authorization =
        credentials == null || credentials.isIdentityToken() ? "" : basic(credentials);
    return Retries.run(transport.options().timing(), () -> get(call, authorization));
  }

  private Token get(Call call, String authorization) throws IOException {
    try (Response response =
        Redirects.follow(transport, call, call.target(), Origin.of(call.target()), authorization)) {
      Endpoint.checkTransient(response);
      if (response.status() != 200) {
        throw response.refused("a token");
      }
      return parse(response);
    }
  }

  static String basic(Credentials credentials) {
    byte[] text = (credentials.username() + ":" + credentials.secret()).getBytes(UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(text);
  }

  private Call ask(List<String> scopes, Credentials credentials) {
    List<String> query = new ArrayList<>();
    if (realm.getRawQuery() != null) {
      query.add(realm.getRawQuery());
    }
    if (credentials != null) {
      query.add(parameter("account", credentials.username()));
    }
    if (!service.isEmpty()) {
      query.add(parameter("service", service));
    }
    scopes.forEach(scope -> query.add(parameter("scope", scope)));
    String plain = realm.toString().replaceFirst("[?#].*", "");
    URI target = URI.create(query.isEmpty() ? plain : plain + "?" + String.join("&", query));
    return new Call("GET", target, "", scopes, Map.of(), null);
  }

  private Call exchange(List<String> scopes, Credentials credentials) {
    String form =
        String.join(
            "&",
            parameter("grant_type", "refresh_token"),
            parameter("service", service),
            parameter("client_id", "lamina"),
            parameter("scope", String.join(" ", scopes)),
            parameter("refresh_token", credentials.secret()));
    Map<String, String> headers = Map.of("Content-Type", "application/x-www-form-urlencoded");
    return new Call("POST", realm, "", scopes, headers, new RequestBody(form.getBytes(UTF_8)));
  }

  private static String parameter(String name, String value) {
    return name + "=" + URLEncoder.encode(value, UTF_8);
  }

  private static Token parse(Response response) throws IOException {
    String what = "the token from " + response.host();
    ObjectNode object;
    byte[] bytes = response.bytes(LONGEST, what);
    try {
      object = Json.parse(what, bytes);
    } catch (ImageException e) {
      // The message of the cause may quote part of the token.
      throw new ImageException(what + " is not valid JSON");
    }
    String token = Json.text(what, object, "token");
    if (token == null || token.isEmpty()) {
      token = Json.text(what, object, "access_token");
    }
    if (token == null || !token.matches("[\\x21-\\x7e]+")) {
      throw new ImageException(what + " is not valid");
    }
    JsonNode life = object.path("expires_in");
    long seconds = Math.min(life.asLong(0), Duration.ofDays(1).toSeconds());
    return new Token("Bearer " + token, seconds > 0 ? Duration.ofSeconds(seconds) : DEFAULT_LIFE);
  }
}
