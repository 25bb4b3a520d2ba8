package dev.lamina.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/**
 * The API of a registry. Requests go over TLS. Plain HTTP is used only if {@code tlsVerify} is off
 * and the registry does not speak TLS.
 */
final class Endpoint {
  private final String registry;
  private final String host;
  private final Transport transport;
  private final Timing timing;
  private final Authorization authorization;
  private URI root;

  /**
   * @param registry the registry's name as users write it
   * @param host its host, with a port if that is not the default
   */
  Endpoint(
      String registry,
      String host,
      Transport transport,
      Timing timing,
      Authorization authorization) {
    this.timing = timing;
    this.registry = registry;
    this.host = host;
    this.transport = transport;
    this.authorization = authorization;
  }

  String registry() {
    return registry;
  }

  Timing timing() {
    return timing;
  }

  RegistryOptions options() {
    return transport.options();
  }

  private synchronized URI root() throws IOException {
    if (root == null) {
      URI encrypted = Origin.parse("https://" + host + "/");
      root = options().tlsVerify() ? encrypted : spoken(encrypted);
    }
    return root;
  }

  private URI spoken(URI encrypted) throws IOException {
    try {
      probe(encrypted);
      return encrypted;
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      URI plain = Origin.parse("http://" + host + "/");
      try {
        probe(plain);
        return plain;
      } catch (IOException second) {
        throw ConnectionErrors.isNoTls(e.getCause()) ? second : e;
      }
    }
  }

  /** Throws if no response comes; its status does not matter. */
  private void probe(URI at) throws IOException {
    Call call = new Call("GET", at.resolve("/v2/"), "", List.of(), Map.of(), null);
    transport.send(call.request(call.target()), null, timing.response()).close();
  }

  /**
   * Makes one attempt at a request, with the authorization it needs, and follows redirects.
   *
   * @return a response whose status is neither 401 from the registry nor a transient error
   * @throws TransientException if another attempt may succeed
   */
  Response send(Call call) throws IOException {
    URI at = root();
    Origin home = Origin.of(at);
    URI target = at.resolve(call.target());
    String used = authorization.header(call);
    Response response = Redirects.follow(transport, call, target, home, used);
    if (response.status() == 401 && Origin.of(response.uri()).equals(home)) {
      List<Challenge> challenges = Challenge.parse(response.headers("WWW-Authenticate"));
      response.close();
      String renewed = authorization.renewed(call, challenges, used);
      response = Redirects.follow(transport, call, target, home, renewed);
      if (response.status() == 401 && Origin.of(response.uri()).equals(home)) {
        response.close();
        throw authorization.unauthorized(call, null);
      }
    }
    checkTransient(response);
    return response;
  }

  /**
   * Checks the status of a response.
   *
   * @throws TransientException if another attempt may succeed; the response is then closed
   */
  static void checkTransient(Response response) throws TransientException {
    boolean isTransient =
        switch (response.status()) {
          case 408, 425, 429, 500, 502, 503, 504 -> true;
          default -> false;
        };
    if (isTransient) {
      String reason = response.status() == 429 ? " (too many requests)" : "";
      try (response) {
        throw new TransientException(
            response.host()
                + " answers with status "
                + response.status()
                + reason
                + response.problem(),
            wait(response.header("Retry-After")));
      }
    }
  }

  /** Parses Retry-After, which is a number of seconds or a date (RFC 9110, 10.2.3). */
  private static Duration wait(String header) {
    if (header.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(header));
    }
    try {
      ZonedDateTime date = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME);
      Duration wait = Duration.between(ZonedDateTime.now(date.getZone()), date);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }
}
