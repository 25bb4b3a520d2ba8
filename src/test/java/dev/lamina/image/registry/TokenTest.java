package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.registry.FaultProxy.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a registry that requires tokens and verifies them. */
@Tag("slow")
@Tag("one-jdk")
class TokenTest {
  private static final TestImage IMAGE = new TestImage(3, 1_000_000, 10_000);
  private static final Credentials USER = new Credentials("test", "secret");

  @TempDir static Path directory;
  private static TokenAuthority authority;
  private static RegistryServer registry;

  private final FaultProxy proxy = new FaultProxy(registry);
  private final RegistryClient anybody = TestOptions.client(TestOptions.plain());
  private final RegistryClient user = TestOptions.client(TestOptions.plain().withCredentials(USER));

  @BeforeAll
  static void start() throws IOException {
    authority = new TokenAuthority(new Certificates(directory.resolve("certificates")));
    registry = RegistryServer.start(directory, "", authority.configuration());
    try (RegistryClient client = TestOptions.client(TestOptions.plain().withCredentials(USER))) {
      IMAGE.push(client, registry.host() + "/public/image:one");
      IMAGE.push(client, registry.host() + "/private/image:one");
    }
  }

  @AfterAll
  static void stop() {
    registry.close();
    authority.close();
  }

  @BeforeEach
  void forget() {
    authority.forget();
    authority.life(300);
  }

  @AfterEach
  void close() {
    anybody.close();
    user.close();
    proxy.close();
    proxy.check();
  }

  private ImageSource source(RegistryClient client, String repository) throws IOException {
    return client.source(ImageReference.parse(proxy.host() + "/" + repository + "/image:one"));
  }

  private static void pull(ImageSource source) throws IOException {
    assertArrayEquals(IMAGE.document().bytes(), source.document().bytes());
    for (Descriptor descriptor : IMAGE.descriptors()) {
      try (InputStream in = source.open(descriptor, 0)) {
        assertArrayEquals(IMAGE.bytes(descriptor), in.readAllBytes());
      }
    }
  }

  @Test
  void everybodyPullsWhatIsPublicWithOneToken() throws IOException {
    pull(source(anybody, "public"));
    assertEquals(1, authority.requests().size());
    TokenAuthority.Request request = authority.requests().get(0);
    assertEquals(
        List.of("x=y", "service=a registry", "scope=repository:public/image:pull"),
        request.parameters());
    assertNull(request.authorization());
  }

  @Test
  void whatIsPrivateIsNotForEverybody() throws IOException {
    ImageException e = assertThrows(ImageException.class, source(anybody, "private")::document);
    String host = proxy.host();
    assertEquals(
        host
            + " requires a login, or "
            + host
            + "/private/image does not exist: log in with \"podman login "
            + host
            + "\"",
        e.getMessage());
    assertEquals(1, authority.requests().size());
  }

  @Test
  void theUserPullsWhatIsPrivate() throws IOException {
    pull(source(user, "private"));
    assertEquals(1, authority.requests().size());
    assertTrue(authority.requests().get(0).parameters().contains("account=test"));
  }

  @Test
  void anIdentityTokenIsExchanged() throws IOException {
    Credentials identity = new Credentials("<token>", "identity");
    try (RegistryClient client =
        TestOptions.client(TestOptions.plain().withCredentials(identity))) {
      pull(source(client, "private"));
    }
    TokenAuthority.Request request = authority.requests().get(0);
    assertEquals("POST", request.method());
    assertNull(request.authorization());
    assertTrue(request.parameters().contains("grant_type=refresh_token"));
  }

  @Test
  void aWrongPasswordIsSaidAndNotShown() throws IOException {
    Credentials wrong = new Credentials("test", "hunter2");
    try (RegistryClient client = TestOptions.client(TestOptions.plain().withCredentials(wrong))) {
      ImageException e = assertThrows(ImageException.class, source(client, "private")::document);
      assertTrue(e.getMessage().contains("does not accept the user name and password"), "" + e);
      for (Throwable at = e; at != null; at = at.getCause()) {
        assertFalse(at.toString().contains("hunter2"), at.toString());
      }
      assertEquals(1, authority.requests().size());
    }
    assertEquals("Credentials[test]", wrong.toString());
  }

  @Test
  void aTokenIsRenewedBeforeItEnds() throws Exception {
    authority.life(1);
    ImageSource source = source(user, "private");
    source.document();
    Thread.sleep(1000);
    source.document();
    assertEquals(2, authority.requests().size());
    // The registry is not asked first.
    assertEquals(3, proxy.requests("GET /v2/private").size());
  }

  @Test
  void aTokenThatIsNotTakenAnyMoreIsRenewed() throws IOException {
    ImageSource source = source(user, "private");
    source.document();
    proxy.once(
        "GET /v2/private/image/blobs",
        exchange -> {
          exchange.request().without("Authorization");
          exchange.answer(exchange.forward());
        });
    pull(source);
    assertEquals(2, authority.requests().size());
  }

  @Test
  void pushingTakesTheRightsForIt() throws IOException {
    ImageReference name = ImageReference.parse(proxy.host() + "/private/new:one");
    ImageReference origin = ImageReference.parse(proxy.host() + "/private/image:one");
    try (RegistryTarget target = user.target(name, descriptor -> List.of(origin))) {
      for (Descriptor descriptor : IMAGE.descriptors()) {
        assertTrue(target.has(descriptor));
      }
      target.putManifest(IMAGE.document());
    }
    assertEquals(
        List.of(
            List.of("repository:private/new:pull"),
            List.of("repository:private/new:pull,push", "repository:private/image:pull"),
            List.of("repository:private/new:pull,push")),
        authority.requests().stream().map(TokenAuthority.Request::scopes).toList());
    pull(user.source(name));
  }

  @Test
  void whoMayOnlyReadCannotPush() throws IOException {
    ImageReference name = ImageReference.parse(proxy.host() + "/public/image:two");
    try (RegistryTarget target = anybody.target(name, descriptor -> List.of())) {
      assertTrue(target.has(IMAGE.layer(0)));
      ImageException e =
          assertThrows(ImageException.class, () -> target.putManifest(IMAGE.document()));
      assertTrue(e.getMessage().contains("podman login"), e.getMessage());
    }
  }

  @Test
  void aTokenServerInTroubleIsAskedAgain() throws IOException {
    authority.trouble(503);
    authority.trouble(429);
    pull(source(user, "private"));
    assertEquals(3, authority.requests().size());
  }

  @Test
  void aTokenThatIsNoneIsAnError() throws IOException {
    authority.trouble(200);
    ImageException e = assertThrows(ImageException.class, source(user, "private")::document);
    assertTrue(e.getMessage().contains("the token from 127.0.0.1"), e.getMessage());
    authority.trouble(404);
    assertThrows(ImageException.class, source(user, "private")::document);
  }

  @Test
  void noOtherHostGetsTheToken() throws IOException {
    try (FaultProxy storage = new FaultProxy()) {
      byte[] bytes = IMAGE.bytes(IMAGE.layer(0));
      storage.always(
          "GET /storage", exchange -> exchange.answer(new Message("HTTP/1.1 200 OK").body(bytes)));
      proxy.once(
          "GET /v2/private/image/blobs",
          exchange ->
              exchange.answer(
                  new Message(
                          "HTTP/1.1 307 Temporary Redirect",
                          "Location: http://" + storage.host() + "/storage")
                      .body(new byte[0])));
      ImageSource source = source(user, "private");
      source.document();
      try (InputStream in = source.open(IMAGE.layer(0), 0)) {
        assertArrayEquals(bytes, in.readAllBytes());
      }
      assertEquals(1, storage.requests("GET").size());
      assertEquals("", storage.requests("GET").get(0).field("Authorization"));
      assertFalse(
          proxy.requests("GET /v2/private/image/blobs").get(0).field("Authorization").isEmpty());
      storage.check();
    }
  }

  /** A challenge of a host to which a request was redirected gets no credentials. */
  @Test
  void noOtherHostGetsThePasswordByAskingForIt() throws IOException {
    try (FaultProxy storage = new FaultProxy()) {
      storage.always(
          "GET /storage",
          exchange ->
              exchange.answer(
                  new Message("HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"")
                      .body(new byte[0])));
      proxy.once(
          "GET /v2/private/image/blobs",
          exchange ->
              exchange.answer(
                  new Message(
                          "HTTP/1.1 307 Temporary Redirect",
                          "Location: http://" + storage.host() + "/storage")
                      .body(new byte[0])));
      ImageSource source = source(user, "private");
      source.document();
      ImageException e = assertThrows(ImageException.class, () -> source.open(IMAGE.layer(0), 0));
      assertTrue(e.getMessage().contains(storage.host() + " answers with status 401"), "" + e);
      assertEquals(1, storage.requests("GET").size());
    }
  }

  @Test
  void tokensAreNotAskedForOverPlainHttp() throws IOException {
    try (Transport transport = new Transport(TestOptions.verifying(), Tls.context(true, null))) {
      for (String realm : List.of("http://auth.example.com/token", "file:///x", "", "a b")) {
        Challenge challenge = new Challenge("bearer", Map.of("realm", realm));
        assertThrows(
            ImageException.class, () -> new TokenServer(transport, "example.com", challenge));
      }
      new TokenServer(
          transport, "example.com", new Challenge("bearer", Map.of("realm", "https://a.example")));
    }
  }
}
