package dev.lamina.image.registry;

import dev.lamina.image.Messages;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Selects the proxy that the environment names, by the rules of curl and podman. The variables are
 * {@code https_proxy} and {@code http_proxy}, in lower or upper case. No proxy is used for this
 * machine and for hosts in {@code no_proxy}, which has domain names, which include their
 * subdomains, or {@code *}. Proxies that require a password are not supported.
 */
final class EnvironmentProxy extends ProxySelector {
  private static final int DEFAULT_PORT = 80;

  private final Map<String, String> environment;

  EnvironmentProxy(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public List<Proxy> select(URI uri) {
    Origin origin = Origin.of(uri);
    String value = variable(origin.isEncrypted() ? "https_proxy" : "http_proxy");
    if (value.isEmpty() || origin.isLoopback() || isExcepted(origin.name())) {
      return List.of(Proxy.NO_PROXY);
    }
    try {
      URI proxy = URI.create(value.contains("://") ? value : "http://" + value);
      if ("http".equals(proxy.getScheme()) && proxy.getHost() != null) {
        int port = proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort();
        return List.of(
            new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port)));
      }
    } catch (IllegalArgumentException e) {
      Log.debug(EnvironmentProxy.class, "not the address of a proxy", e);
    }
    String shown = value.substring(value.lastIndexOf('@') + 1);
    Log.warn(
        EnvironmentProxy.class,
        "the proxy {} is ignored: it is not an http:// URL",
        Messages.quote(shown));
    return List.of(Proxy.NO_PROXY);
  }

  private String variable(String name) {
    String small = environment.getOrDefault(name, "");
    return small.isEmpty() ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "") : small;
  }

  private boolean isExcepted(String host) {
    for (String word : variable("no_proxy").split(",")) {
      String name = word.strip().toLowerCase(Locale.ROOT);
      String below = name.startsWith(".") ? name : "." + name;
      if (name.equals("*") || (!name.isEmpty() && ("." + host).endsWith(below))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    Log.debug(EnvironmentProxy.class, "the proxy {} cannot be reached", address);
  }
}
