package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;

/** Sends requests and follows redirects, for instance to hosts that store blobs. */
final class Redirects {
  private static final int MOST = 10;

  /**
   * The timeout of a PUT is multiplied by this, because a registry may digest or move all of the
   * contents before it answers.
   */
  private static final int PUT_PATIENCE = 5;

  private Redirects() {}

  /**
   * Sends a request and follows redirects.
   *
   * @param home the only origin to which the authorization is sent; once the request has been
   *     redirected to another origin, it is not sent any more
   * @param authorization the value of the header Authorization; empty for none
   */
  static Response follow(
      Transport transport, Call call, URI target, Origin home, String authorization)
      throws IOException {
    Duration patience = transport.options().timing().response();
    if (call.method().equals("PUT")) {
      patience = patience.multipliedBy(PUT_PATIENCE);
    }
    URI at = target;
    boolean isHome = true;
    for (int count = 0; count <= MOST; count++) {
      isHome &= Origin.of(at).equals(home);
      HttpRequest.Builder request = call.request(at);
      if (isHome && !authorization.isEmpty()) {
        request.setHeader("Authorization", authorization);
      }
      Response response = transport.send(request, call.body(), patience);
      String location = response.header("Location");
      if (!isRedirect(response.status(), call.method()) || location.isEmpty()) {
        return response;
      }
      response.close();
      at = next(at, location, transport.options().tlsVerify());
    }
    throw new ImageException(
        Origin.of(target).host() + " redirects a request more than " + MOST + " times");
  }

  /**
   * Returns whether a status is a redirect for this method. A request other than GET and HEAD is
   * repeated only for 307 and 308 (RFC 9110, 15.4).
   */
  private static boolean isRedirect(int status, String method) {
    return switch (status) {
      case 301, 302, 303 -> method.equals("GET") || method.equals("HEAD");
      case 307, 308 -> true;
      default -> false;
    };
  }

  /**
   * Returns the URI of a Location header.
   *
   * @throws ImageException if no request can be sent there, or if that would leave TLS
   */
  static URI next(URI from, String location, boolean tlsVerify) throws ImageException {
    String host = Origin.of(from).host();
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          host + " redirects to an invalid URL: " + Messages.quote(location), e);
    }
    if (!Origin.isUsable(next)) {
      throw new ImageException(host + " redirects to an invalid URL: " + Messages.quote(location));
    }
    if (tlsVerify && Origin.of(from).isEncrypted() && !Origin.of(next).isEncrypted()) {
      throw new ImageException(
          host + " redirects from TLS to plain HTTP, at " + Messages.quote(Origin.of(next).host()));
    }
    return next;
  }
}
