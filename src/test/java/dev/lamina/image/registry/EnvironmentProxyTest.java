package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentProxyTest {
  private static String select(Map<String, String> environment, String uri) {
    Proxy proxy = new EnvironmentProxy(environment).select(URI.create(uri)).get(0);
    return proxy.address() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : "none";
  }

  @Test
  void theVariableOfTheSchemeCounts() {
    Map<String, String> environment =
        Map.of("https_proxy", "http://a.example:3128", "HTTP_PROXY", "b.example");
    assertEquals("a.example:3128", select(environment, "https://x.example/"));
    assertEquals("b.example:80", select(environment, "http://x.example/"));
    assertEquals("none", select(Map.of(), "http://x.example/"));
  }

  @Test
  void exceptionsAreKept() {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "http://a.example:1", "NO_PROXY", "y.example, .z.example,w");
    assertEquals("a.example:1", select(environment, "https://x.example/"));
    assertEquals("a.example:1", select(environment, "https://ay.example/"));
    assertEquals("none", select(environment, "https://y.example:5000/"));
    assertEquals("none", select(environment, "https://sub.y.example/"));
    assertEquals("none", select(environment, "https://sub.z.example/"));
    assertEquals("none", select(environment, "https://127.0.0.1:5000/"));
    assertEquals("none", select(environment, "https://localhost/"));
    assertEquals("none", select(Map.of("https_proxy", "a:1", "no_proxy", "*"), "https://x.y/"));
  }

  @Test
  void whatCannotBeUsedIsNoProxy() {
    for (String value : new String[] {"socks5://a.example", "http://", "http://a b"}) {
      assertEquals("none", select(Map.of("https_proxy", value), "https://x.example/"));
    }
  }
}
