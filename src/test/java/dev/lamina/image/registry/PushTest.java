package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.registry.FaultProxy.Fault;
import dev.lamina.image.registry.FaultProxy.Message;
import dev.lamina.testing.Commands;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests pushes to a registry behind a proxy. Each test has its own image and repository. */
@Tag("slow")
@Tag("one-jdk")
class PushTest {
  private static final long PIECE = 1 << 20;
  private static final int PIECES = 4;

  @TempDir static Path directory;
  private static RegistryServer registry;
  private static int count;

  private final FaultProxy proxy = new FaultProxy(registry);
  private final RegistryClient client = TestOptions.client(TestOptions.plain().withPiece(PIECE));
  private final TestImage image =
      new TestImage(1000 + ++count, (int) (PIECE * PIECES - PIECE / 2), 20_000);
  private final String repository = "test/image" + count;
  private final String uploads = "/v2/" + repository + "/blobs/uploads/";
  private final Descriptor large = image.layer(0);
  private final Descriptor small = image.layer(1);

  @BeforeAll
  static void start() {
    registry = RegistryServer.start(directory);
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @AfterEach
  void close() {
    client.close();
    proxy.close();
    proxy.check();
  }

  private String name() {
    return proxy.host() + "/" + repository + ":one";
  }

  private RegistryTarget target(ImageReference... origins) throws IOException {
    return client.target(ImageReference.parse(name()), descriptor -> List.of(origins));
  }

  private void put(Descriptor descriptor) throws IOException {
    try (RegistryTarget target = target()) {
      target.put(descriptor, image.contents(descriptor));
    }
  }

  /** Reads the image back without the proxy. */
  private void assertIsThere(Descriptor descriptor) throws IOException {
    ImageReference reference = ImageReference.parse(registry.host() + "/" + repository + ":one");
    try (ImageSource source = client.source(reference);
        InputStream in = source.open(descriptor, 0)) {
      assertArrayEquals(image.bytes(descriptor), in.readAllBytes());
    }
  }

  private static Fault status(String line, String... fields) {
    return exchange -> exchange.answer(new Message("HTTP/1.1 " + line, fields).body(new byte[0]));
  }

  private int requests(String method) {
    return proxy.requests(method + " " + uploads).size();
  }

  @Test
  void anImageIsReadByOthers() throws IOException {
    image.push(client, name());
    assertEquals(PIECES, requests("PATCH"));
    String source = "docker://" + registry.host() + "/" + repository + ":one";
    String told = Commands.run("skopeo", "inspect", "--tls-verify=false", source).succeed().out();
    assertTrue(told.contains("\"Digest\": \"" + image.document().digest() + "\""), told);
    Path copy = directory.resolve("copy");
    Commands.run("skopeo", "copy", "--src-tls-verify=false", source, "oci:" + copy + ":one")
        .succeed();
    for (Descriptor descriptor : image.descriptors()) {
      Path blob = copy.resolve("blobs/sha256/" + descriptor.digest().hex());
      assertArrayEquals(image.bytes(descriptor), Files.readAllBytes(blob));
    }
  }

  @Test
  void whatOthersPushIsRead() throws IOException {
    image.push(client, name());
    String there = "docker://" + registry.host() + "/" + repository;
    Commands.run(
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--format=v2s2",
            there + ":one",
            there + "-docker:two")
        .succeed();
    ImageReference reference =
        ImageReference.parse(registry.host() + "/" + repository + "-docker:two");
    try (ImageSource source = client.source(reference)) {
      Document document = source.document();
      assertEquals(MediaTypes.DOCKER_MANIFEST, document.mediaType());
      assertEquals(2, document.manifest().layers().size());
      for (Descriptor layer : document.manifest().layers()) {
        try (InputStream in = source.open(layer, 0)) {
          layer.verify(in.readAllBytes());
        }
      }
    }
  }

  @Test
  void whatIsThereIsNotSentAgain() throws IOException {
    image.push(client, name());
    int sent = requests("POST");
    image.push(client, name());
    assertEquals(sent, requests("POST"));
  }

  @Test
  void smallContentsTakeOnePut() throws IOException {
    put(small);
    assertEquals(1, requests("POST"));
    assertEquals(1, requests("PUT"));
    assertEquals(0, requests("PATCH"));
    assertIsThere(small);
  }

  @Test
  void emptyContentsCanBePushed() throws IOException {
    Descriptor empty = Descriptor.of("application/octet-stream", new byte[0]);
    try (RegistryTarget target = target()) {
      target.put(empty, offset -> InputStream.nullInputStream());
      assertTrue(target.has(empty));
    }
  }

  @Test
  void aBrokenPutIsMadeAgain() throws IOException {
    proxy
        .once("PUT " + uploads, exchange -> exchange.forwardPart(5000))
        .once("PUT " + uploads, status("503 Service Unavailable"))
        .once("POST " + uploads, status("500 Internal Server Error"));
    put(small);
    assertIsThere(small);
  }

  /** The registry has everything, but its response was lost. */
  @Test
  void aLostAnswerIsFoundOut() throws IOException {
    proxy.once("PUT " + uploads, exchange -> exchange.forward());
    put(small);
    assertEquals(1, requests("PUT"));
    proxy.once("PUT " + uploads, exchange -> exchange.forward());
    put(large);
    assertEquals(2, requests("PUT"));
    assertEquals(PIECES, requests("PATCH"));
    assertIsThere(large);
  }

  @Test
  void onlyThePieceThatDidNotArriveIsSentAgain() throws IOException {
    proxy
        .once("PATCH " + uploads, exchange -> exchange.answer(exchange.forward()))
        .once("PATCH " + uploads, exchange -> {});
    put(large);
    List<Message> pieces = proxy.requests("PATCH " + uploads);
    assertEquals(PIECES + 1, pieces.size());
    assertTrue(pieces.get(2).field("Content-Range").startsWith(PIECE + "-"));
    assertEquals(1, requests("GET"));
    assertEquals(1, requests("POST"));
    assertIsThere(large);
  }

  /** CNCF Distribution forgets the upload in this case. */
  @Test
  void aPieceThatBreaksOffBeginsTheUploadAnew() throws IOException {
    proxy
        .once("PATCH " + uploads, exchange -> exchange.answer(exchange.forward()))
        .once("PATCH " + uploads, exchange -> exchange.forwardPart(300_000));
    put(large);
    assertEquals(2, requests("POST"));
    assertIsThere(large);
  }

  /** A registry that knows how much of a piece it has, as the specification describes. */
  @Test
  void aPieceThatBreaksOffIsResumedWhereTheRegistryIs() throws IOException {
    String[] location = new String[1];
    proxy
        .once(
            "PATCH " + uploads,
            exchange -> {
              exchange.request().with("Content-Length", "300000");
              location[0] = exchange.forward().field("Location").replaceFirst("http://[^/]+", "");
            })
        .once(
            "GET " + uploads,
            exchange -> {
              exchange.request().line = "GET " + location[0] + " HTTP/1.1";
              exchange.answer(exchange.forward());
            });
    put(large);
    assertEquals(1, requests("POST"));
    assertTrue(
        proxy.requests("PATCH").get(1).field("Content-Range").startsWith("300000-"),
        "" + proxy.requests("PATCH").get(1).fields);
    assertIsThere(large);
  }

  @Test
  void anUploadThatBreaksAgainAndAgainIsGivenUp() {
    for (int i = 0; i < 4; i++) {
      proxy
          .once("PATCH " + uploads, exchange -> exchange.answer(exchange.forward()))
          .once("PATCH " + uploads, exchange -> exchange.forwardPart(300_000));
    }
    ImageException e = assertThrows(ImageException.class, () -> put(large));
    assertTrue(e.getMessage().contains("tried 4 times"), e.getMessage());
  }

  @Test
  void anUploadThatTheRegistryForgotBeginsAnew() throws IOException {
    proxy
        .once("PATCH " + uploads, exchange -> exchange.answer(exchange.forward()))
        .once("PATCH " + uploads, status("404 Not Found"));
    proxy.once("GET " + uploads, status("404 Not Found"));
    put(large);
    assertEquals(2, requests("POST"));
    assertIsThere(large);
  }

  @Test
  void aRegistryThatTakesNoPiecesGetsAllAtOnce() throws IOException {
    proxy.once("PATCH " + uploads, status("405 Method Not Allowed"));
    put(large);
    assertEquals(1, requests("PUT"));
    assertIsThere(large);
  }

  @Test
  void piecesAreAsLongAsTheRegistryWants() throws IOException {
    proxy.once(
        "POST " + uploads,
        exchange ->
            exchange.answer(exchange.forward().with("OCI-Chunk-Min-Length", "" + 2 * PIECE)));
    put(large);
    assertEquals(PIECES / 2, requests("PATCH"));
    assertIsThere(large);
  }

  @Test
  void aPieceOfWhichTheRegistryTookAPartGoesOnThere() throws IOException {
    proxy.once(
        "PATCH " + uploads,
        exchange -> {
          Message request = exchange.request();
          request.with("Content-Length", "400000");
          exchange.answer(exchange.forward());
        });
    put(large);
    assertIsThere(large);
    assertTrue(
        proxy.requests("PATCH").get(1).field("Content-Range").startsWith("400000-"),
        "" + proxy.requests("PATCH").get(1).fields);
  }

  @Test
  void aRelativeLocationIsTaken() throws IOException {
    Fault relative =
        exchange -> {
          Message answer = exchange.forward();
          String location = answer.field("Location").replaceFirst("^https?://[^/]+", "");
          exchange.answer(answer.with("Location", location));
        };
    proxy.always("POST " + uploads, relative).always("PATCH " + uploads, relative);
    put(large);
    put(small);
    assertIsThere(large);
    assertIsThere(small);
  }

  @Test
  void anotherHostsLocationIsTaken() throws IOException {
    try (FaultProxy other = new FaultProxy(registry)) {
      proxy.once(
          "POST " + uploads,
          exchange -> {
            Message answer = exchange.forward();
            String location = answer.field("Location").replace(proxy.host(), other.host());
            exchange.answer(answer.with("Location", location));
          });
      put(small);
      assertEquals(1, other.requests("PUT").size());
      assertIsThere(small);
    }
  }

  @Test
  void contentsOfAnotherRepositoryAreTakenOver() throws IOException {
    image.push(client, proxy.host() + "/" + repository + "-origin:one");
    ImageReference origin = ImageReference.parse(proxy.host() + "/" + repository + "-origin:one");
    ImageReference elsewhere = ImageReference.parse("example.com/a/b");
    try (RegistryTarget target = target(elsewhere, origin)) {
      for (Descriptor descriptor : image.descriptors()) {
        assertTrue(target.has(descriptor));
      }
      target.putManifest(image.document());
    }
    assertEquals(0, requests("PUT") + requests("PATCH"));
    assertEquals(image.descriptors().size(), requests("POST"));
    assertIsThere(large);
  }

  @Test
  void whatCannotBeTakenOverIsSentInTheSessionThatBegan() throws IOException {
    ImageReference origin = ImageReference.parse(proxy.host() + "/nobody/nothing:one");
    try (RegistryTarget target = target(origin)) {
      assertFalse(target.has(small));
      assertFalse(target.has(large));
      target.put(small, image.contents(small));
    }
    assertEquals(2, requests("POST"));
    assertEquals(1, requests("DELETE"));
    assertIsThere(small);
  }

  @Test
  void wrongContentsAreRefused() throws IOException {
    byte[] wrong = image.bytes(small).clone();
    wrong[100] ^= 1;
    try (RegistryTarget target = target()) {
      ImageException e =
          assertThrows(
              ImageException.class,
              () -> target.put(small, offset -> new ByteArrayInputStream(wrong)));
      assertTrue(e.getMessage().contains("" + small.digest()), e.getMessage());
      assertTrue(e.getMessage().contains("digest did not match"), e.getMessage());
      assertFalse(target.has(small));
    }
  }

  @Test
  void contentsThatCannotBeReadAreAnErrorAtOnce() throws IOException {
    try (RegistryTarget target = target()) {
      ImageException e =
          assertThrows(
              ImageException.class,
              () ->
                  target.put(
                      large,
                      offset -> {
                        throw new IOException("the disk is broken");
                      }));
      assertTrue(e.getMessage().contains("the disk is broken"), e.getMessage());
      byte[] half = Arrays.copyOf(image.bytes(large), (int) large.size() / 2);
      e =
          assertThrows(
              ImageException.class,
              () ->
                  target.put(
                      large, offset -> new ByteArrayInputStream(half, (int) offset, half.length)));
      assertTrue(e.getMessage().contains("too early"), e.getMessage());
      assertEquals(2, requests("DELETE"));
    }
  }

  @Test
  void aRegistryThatKeepsBreakingIsGivenUp() {
    proxy.always("PATCH " + uploads, exchange -> {});
    ImageException e = assertThrows(ImageException.class, () -> put(large));
    assertTrue(e.getMessage().contains("tried 4 times"), e.getMessage());
    assertEquals(4, requests("DELETE"));
  }

  @Test
  void aRegistryThatStoresSomethingElseIsNotBelieved() throws IOException {
    String other = "sha256:" + "0".repeat(64);
    proxy.once(
        "PUT " + uploads,
        exchange -> exchange.answer(exchange.forward().with("Docker-Content-Digest", other)));
    ImageException e = assertThrows(ImageException.class, () -> put(small));
    assertTrue(e.getMessage().contains("stored " + other), e.getMessage());
    put(small);
    put(large);
    put(image.descriptors().get(2));
    put(image.descriptors().get(0));
    proxy.once(
        "PUT /v2/" + repository + "/manifests/one",
        exchange -> exchange.answer(exchange.forward().with("Docker-Content-Digest", other)));
    e = assertThrows(ImageException.class, () -> target().putManifest(image.document()));
    assertTrue(e.getMessage().contains("stored " + other), e.getMessage());
  }

  @Test
  void aManifestOfWhatIsNotThereIsRefused() {
    ImageException e =
        assertThrows(ImageException.class, () -> target().putManifest(image.document()));
    assertTrue(e.getMessage().contains("blob unknown"), e.getMessage());
  }

  @Test
  void aManifestCanBePushedByItsDigest() throws IOException {
    image.push(client, name());
    String byDigest = proxy.host() + "/" + repository + "@" + image.document().digest();
    try (RegistryTarget target =
        client.target(ImageReference.parse(byDigest), descriptor -> List.of())) {
      target.putManifest(image.document());
      Document other = new Document(MediaTypes.MANIFEST, "{}".getBytes(UTF_8));
      assertThrows(ImageException.class, () -> target.putManifest(other));
    }
    proxy.once("PUT /v2/" + repository + "/manifests/one", status("503 Service Unavailable"));
    // A missing media type is derived from the contents.
    target().putManifest(new Document("", image.document().bytes()));
  }

  @Test
  void severalThreadsPushAtOnce() throws Exception {
    TestImage many = new TestImage(count + 5000L, 2_500_000, 1_000_000, 300, 2_000_000, 10_000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (RegistryTarget target = target()) {
      List<Future<?>> all =
          many.descriptors().stream()
              .<Future<?>>map(
                  descriptor ->
                      threads.submit(
                          () -> {
                            target.put(descriptor, many.contents(descriptor));
                            return null;
                          }))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
      target.putManifest(many.document());
    } finally {
      threads.shutdownNow();
    }
    try (ImageSource source = client.source(ImageReference.parse(name()))) {
      for (Descriptor layer : source.document().manifest().layers()) {
        try (InputStream in = source.open(layer, 0)) {
          layer.verify(in.readAllBytes());
        }
      }
    }
  }
}
