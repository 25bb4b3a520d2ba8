package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.net.URI;
import java.util.Locale;

/**
 * The origin of a URI (RFC 6454). What is meant for one origin, such as a password, is never sent
 * to another.
 */
record Origin(String scheme, String name, int port) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int HIGHEST_PORT = 65535;

  static Origin of(URI uri) {
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int implied = scheme.equals("https") ? HTTPS : HTTP;
    int port = uri.getPort() < 0 ? implied : uri.getPort();
    return new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), port);
  }

  /**
   * Parses an absolute URL.
   *
   * @throws ImageException if it is not a URL, or not one to which requests can be sent
   */
  static URI parse(String url) throws ImageException {
    try {
      URI uri = URI.create(url);
      if (isUsable(uri)) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw new ImageException("not a URL: " + Messages.quote(url), e);
    }
    throw new ImageException("not an http or https URL: " + Messages.quote(url));
  }

  /** Returns whether requests can be sent to a URI: it has a host and the scheme http or https. */
  static boolean isUsable(URI uri) {
    return uri.getHost() != null
        && uri.getPort() <= HIGHEST_PORT
        && ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()));
  }

  boolean isEncrypted() {
    return scheme.equals("https");
  }

  /** Returns whether the host is this machine, so that nobody can listen on the network. */
  boolean isLoopback() {
    return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.\\d{1,3}){3}");
  }

  /** Returns the host as users write it, without a default port. */
  String host() {
    return port == (isEncrypted() ? HTTPS : HTTP) ? name : name + ":" + port;
  }
}
