package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A token server whose signed JSON Web Tokens CNCF Distribution accepts. The user "test" with the
 * password "secret", and a client with the identity token "identity", get tokens for everything.
 * Everybody gets tokens for pulling from {@code public/}.
 */
final class TokenAuthority implements AutoCloseable {
  /** A request for a token. */
  record Request(String method, List<String> parameters, String authorization) {
    List<String> scopes() {
      return parameters.stream()
          .filter(parameter -> parameter.startsWith("scope="))
          .flatMap(parameter -> List.of(parameter.substring(6).split(" ")).stream())
          .toList();
    }
  }

  private static final String BASIC =
      "Basic " + Base64.getEncoder().encodeToString("test:secret".getBytes(UTF_8));

  private final HttpServer server;
  private final Path certificate;
  private final PrivateKey key;
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> troubles = new ConcurrentLinkedQueue<>();
  private volatile int life = 300;

  TokenAuthority(Certificates certificates) throws IOException {
    certificate = certificates.authority();
    key = key(certificates.authorityKey());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/token", this::serve);
    server.start();
  }

  private static PrivateKey key(Path file) throws IOException {
    try {
      return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pem(file)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] pem(Path file) throws IOException {
    return Base64.getMimeDecoder().decode(Files.readString(file).replaceAll("-----[^-]*-----", ""));
  }

  /** Returns the section for the registry's configuration. */
  String configuration() {
    return "auth:\n  token:\n    realm: http://127.0.0.1:"
        + server.getAddress().getPort()
        + "/token?x=y\n    service: a registry\n    issuer: a test\n    rootcertbundle: "
        + certificate
        + "\n";
  }

  /** Sets the lifetime of tokens from now on, in seconds; with 0 the response does not give one. */
  void life(int seconds) {
    life = seconds;
  }

  /** Sets the response to the next request. */
  void trouble(int status) {
    troubles.add(status);
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  void forget() {
    requests.clear();
  }

  private void serve(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String form = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    boolean isPost = exchange.getRequestMethod().equals("POST");
    List<String> parameters = new ArrayList<>();
    for (String parameter : (isPost ? form : query).split("&")) {
      parameters.add(URLDecoder.decode(parameter, UTF_8));
    }
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    Request request = new Request(exchange.getRequestMethod(), parameters, authorization);
    requests.add(request);
    boolean isKnown =
        isPost ? parameters.contains("refresh_token=identity") : BASIC.equals(authorization);
    Integer trouble = troubles.poll();
    if (trouble != null) {
      answer(exchange, trouble, "no");
    } else if (!isKnown && (isPost || authorization != null)) {
      answer(exchange, 401, "{\"errors\":[{\"message\":\"who is that\"}]}");
    } else {
      String token = (isPost ? "access_token" : "token") + "\":\"" + token(request, isKnown);
      answer(exchange, 200, "{\"" + token + "\"" + expires() + "}");
    }
  }

  private String expires() {
    return life == 0 ? "" : ",\"expires_in\":" + life;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private String token(Request request, boolean isKnown) throws IOException {
    List<String> access = new ArrayList<>();
    for (String scope : request.scopes()) {
      String[] parts = scope.split(":");
      boolean isPublic = parts[1].startsWith("public/");
      if (isKnown || isPublic) {
        String actions = isKnown ? parts[2].replace(",", "\",\"") : "pull";
        access.add(
            "{\"type\":\"repository\",\"name\":\""
                + parts[1]
                + "\",\"actions\":[\""
                + actions
                + "\"]}");
      }
    }
    long now = Instant.now().getEpochSecond();
    String header =
        "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\""
            + Base64.getEncoder().encodeToString(pem(certificate))
            + "\"]}";
    String claims =
        "{\"iss\":\"a test\",\"sub\":\"test\",\"aud\":\"a registry\",\"exp\":"
            + (now + 300)
            + ",\"nbf\":"
            + (now - 10)
            + ",\"iat\":"
            + now
            + ",\"jti\":\""
            + requests.size()
            + "-"
            + System.nanoTime()
            + "\",\"access\":["
            + String.join(",", access)
            + "]}";
    String signed = encode(header.getBytes(UTF_8)) + "." + encode(claims.getBytes(UTF_8));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(UTF_8));
      return signed + "." + encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
