package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;

/** Requests that may be sent on to other hosts, where storage is. */
final class Redirects {
  private static final int MOST = 10;

  /** A registry may have to digest or to move all that it was sent before it answers. */
  private static final int PUT_PATIENCE = 5;

  private Redirects() {}

  /**
   * Sends a request to where it is sent on to.
   *
   * @param home the origin that the authorization is for: no other one gets it, nor does this one
   *     once the request has been elsewhere
   * @param authorization empty for none
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
    throw new ImageException(Origin.of(target).host() + " sends a request on and on");
  }

  /** What is not only read is sent again only where the answer says so (RFC 9110, 15.4). */
  private static boolean isRedirect(int status, String method) {
    return switch (status) {
      case 301, 302, 303 -> method.equals("GET") || method.equals("HEAD");
      case 307, 308 -> true;
      default -> false;
    };
  }

  /**
   * Where a "Location" leads.
   *
   * @throws ImageException when nothing can or should be asked there
   */
  static URI next(URI from, String location, boolean tlsVerify) throws ImageException {
    String host = Origin.of(from).host();
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new ImageException(host + " sends on to what is no URL: " + Words.quote(location), e);
    }
    if (!Origin.isUsable(next)) {
      throw new ImageException(host + " sends on to what is no URL: " + Words.quote(location));
    }
    if (tlsVerify && Origin.of(from).isEncrypted() && !Origin.of(next).isEncrypted()) {
      throw new ImageException(
          host + " sends on to plain HTTP, at " + Words.quote(Origin.of(next).host()));
    }
    return next;
  }
}
