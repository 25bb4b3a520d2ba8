package dev.lamina.image.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.net.URI;
import java.util.Locale;

/**
 * Whom a URI speaks to (RFC 6454). What is meant for one origin, a password above all, is not sent
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
   * @throws ImageException for what is no URL, or none that can be asked
   */
  static URI parse(String url) throws ImageException {
    try {
      URI uri = URI.create(url);
      if (isUsable(uri)) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw new ImageException("not a URL: " + Words.quote(url), e);
    }
    throw new ImageException("not a URL of http or https: " + Words.quote(url));
  }

  /** True for what can be asked at all. */
  static boolean isUsable(URI uri) {
    return uri.getHost() != null
        && uri.getPort() <= HIGHEST_PORT
        && ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()));
  }

  boolean isEncrypted() {
    return scheme.equals("https");
  }

  /** True for this machine, which nobody listens in on. */
  boolean isLoopback() {
    return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.\\d{1,3}){3}");
  }

  /** As users write it, without a port that goes without saying. */
  String host() {
    return port == (isEncrypted() ? HTTPS : HTTP) ? name : name + ":" + port;
  }
}
