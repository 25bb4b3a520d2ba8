package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Progress;
import dev.lamina.image.registry.FaultProxy.Exchange;
import dev.lamina.image.registry.FaultProxy.Fault;
import dev.lamina.image.registry.FaultProxy.Message;
import dev.lamina.testing.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests pulls from a registry behind a proxy that makes faults of all kinds. */
@Tag("slow")
@Tag("one-jdk")
class PullFaultTest {
  private static final TestImage IMAGE = new TestImage(2, 4_000_000, 50_000);
  private static final Descriptor LAYER = IMAGE.layer(0);
  private static final byte[] BYTES = IMAGE.bytes(LAYER);
  private static final String BLOB = "GET /v2/a/image/blobs/" + LAYER.digest();
  private static final String MANIFEST = "GET /v2/a/image/manifests/one";

  @TempDir static Path directory;
  private static RegistryServer registry;

  private final FaultProxy proxy = new FaultProxy(registry);
  private final RegistryClient client = TestOptions.client(TestOptions.plain());

  @BeforeAll
  static void push() throws IOException {
    registry = RegistryServer.start(directory);
    try (RegistryClient client = TestOptions.client(TestOptions.plain())) {
      IMAGE.push(client, registry.host() + "/a/image:one");
    }
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

  private ImageSource source() throws IOException {
    return client.source(ImageReference.parse(proxy.host() + "/a/image:one"));
  }

  private byte[] pull() throws IOException {
    return pull(0);
  }

  private byte[] pull(long offset) throws IOException {
    try (InputStream in = source().open(LAYER, offset)) {
      return in.readAllBytes();
    }
  }

  private byte[] pull(Timing timing, Descriptor descriptor) throws IOException {
    try (RegistryClient impatient = TestOptions.client(TestOptions.plain().withTiming(timing));
        ImageSource source = impatient.source(ImageReference.parse(proxy.host() + "/a/image:one"));
        InputStream in = source.open(descriptor, 0)) {
      return in.readAllBytes();
    }
  }

  /** Waits until a second request of this kind has come. */
  private void awaitAnother(String start) {
    Waiting.until("it is asked again", () -> proxy.requests(start).size() > 1);
  }

  private ImageException pullFails() {
    ImageException e = assertThrows(ImageException.class, this::pull);
    assertTrue(e.getMessage().contains("" + LAYER.digest()), e.getMessage());
    return e;
  }

  private static void breakAfter(Exchange exchange, int bytes) throws IOException {
    exchange.answer(exchange.forward(), bytes);
  }

  private static Fault status(String line, String... fields) {
    return exchange -> exchange.answer(new Message("HTTP/1.1 " + line, fields).body(new byte[0]));
  }

  private List<String> ranges() {
    return proxy.requests(BLOB).stream().map(request -> request.field("Range")).toList();
  }

  @Test
  void aBrokenConnectionIsResumedWhereItBroke() throws IOException {
    proxy
        .once(BLOB, exchange -> breakAfter(exchange, 1_000_000))
        .once(BLOB, exchange -> breakAfter(exchange, 0))
        .once(BLOB, exchange -> breakAfter(exchange, 2_000_000));
    assertArrayEquals(BYTES, pull());
    List<String> ranges = ranges();
    assertEquals(4, ranges.size());
    assertEquals("", ranges.get(0));
    FaultProxy.assertResumed(1_000_000, ranges.get(1));
    assertEquals(ranges.get(1), ranges.get(2));
    FaultProxy.assertResumed(3_000_000, ranges.get(3));
  }

  @Test
  void aConnectionThatKeepsBreakingIsGivenUp() throws IOException {
    proxy.always(BLOB, exchange -> breakAfter(exchange, 1000));
    ImageException e = pullFails();
    assertTrue(e.getMessage().contains(" of " + LAYER.size()), e.getMessage());
    assertTrue(e.getMessage().contains("tried 4 times"), e.getMessage());
    assertEquals(4, ranges().size());
  }

  @Test
  void aStreamOnWhichNothingComesIsResumed() throws IOException {
    proxy.once(
        BLOB,
        exchange -> {
          breakAfter(exchange, 500_000);
          awaitAnother(BLOB);
        });
    Timing timing = TestOptions.impatient(null, Duration.ofMillis(500));
    assertArrayEquals(BYTES, pull(timing, LAYER));
    FaultProxy.assertResumed(500_000, ranges().get(1));
  }

  /** A slow connection is not a broken one. */
  @Test
  void aStreamThatTricklesIsNotBroken() throws IOException {
    Descriptor small = IMAGE.layer(1);
    Duration stall = Duration.ofSeconds(4);
    int parts = 9;
    proxy.once(
        "GET /v2/a/image/blobs/" + small.digest(),
        exchange -> {
          Message answer = exchange.forward();
          exchange.answer(answer, 0);
          for (int i = 0; i < parts; i++) {
            // Together they take longer than the timeout, but each takes only a small part of it.
            Thread.sleep(stall.toMillis() / (parts - 1));
            exchange.more(answer.body, i * 1000, 1000);
          }
          exchange.more(answer.body, parts * 1000, answer.body.length - parts * 1000);
        });
    assertArrayEquals(IMAGE.bytes(small), pull(TestOptions.impatient(null, stall), small));
    assertEquals(1, proxy.requests("GET /v2/a/image/blobs/").size());
  }

  @Test
  void aServerWithoutRangesIsReadFromTheStart() throws IOException {
    proxy
        .once(BLOB, exchange -> breakAfter(exchange, 1_500_000))
        .always(
            BLOB,
            exchange -> {
              exchange.request().without("Range");
              exchange.answer(exchange.forward());
            });
    assertArrayEquals(BYTES, pull());
    assertArrayEquals(Arrays.copyOfRange(BYTES, 700_000, BYTES.length), pull(700_000));
  }

  @Test
  void anotherPartThanTheOneAskedForIsAnError() {
    proxy.once(
        BLOB,
        exchange -> {
          exchange.request().with("Range", "bytes=10-");
          exchange.answer(exchange.forward());
        });
    ImageException e = assertThrows(ImageException.class, () -> pull(11));
    assertTrue(e.getMessage().contains("from byte 10 instead of 11"), e.getMessage());
    proxy.once(BLOB, exchange -> exchange.answer(exchange.forward().without("Content-Range")));
    e = assertThrows(ImageException.class, () -> pull(11));
    assertTrue(e.getMessage().contains("" + LAYER.digest()), e.getMessage());
    proxy.once(
        BLOB,
        exchange ->
            exchange.answer(exchange.forward().with("Content-Range", "bytes 11-4999999/5000000")));
    e = assertThrows(ImageException.class, () -> pull(11));
    assertTrue(e.getMessage().contains("has 5000000 bytes"), e.getMessage());
  }

  @Test
  void aLengthThatIsNotTheDescriptorsIsAnError() {
    proxy.once(
        BLOB,
        exchange -> {
          Message answer = exchange.forward();
          exchange.answer(answer.body(Arrays.copyOf(answer.body, answer.body.length - 1)));
        });
    assertTrue(pullFails().getMessage().contains("has " + (LAYER.size() - 1) + " bytes"));
    proxy.once(BLOB, status("200 OK"));
    assertTrue(pullFails().getMessage().contains("has 0 bytes"));
  }

  /** In a response without a length, an early end may be a broken connection. */
  @Test
  void aShortBodyWithoutALengthIsResumed() throws IOException {
    proxy.once(
        BLOB, exchange -> exchange.answer(exchange.forward().without("Content-Length"), 2_000_000));
    assertArrayEquals(BYTES, pull());
    assertEquals(List.of("", "bytes=2000000-"), ranges());
  }

  @Test
  void aBodyThatIsTooShortIsAnError() {
    proxy.always(
        BLOB, exchange -> exchange.answer(exchange.forward().without("Content-Length"), 0));
    assertTrue(pullFails().getMessage().contains("ended early"));
  }

  @Test
  void aBodyThatIsTooLongIsAnError() {
    proxy.once(
        BLOB,
        exchange -> {
          Message answer = exchange.forward().without("Content-Length");
          answer.body = Arrays.copyOf(answer.body, answer.body.length + 1);
          exchange.answer(answer);
        });
    assertTrue(pullFails().getMessage().contains("is longer"));
  }

  /** The reader verifies the contents, so they must arrive unchanged, even if they are wrong. */
  @Test
  void wrongContentsAreSeenInTheirDigest() throws IOException {
    proxy.once(
        BLOB,
        exchange -> {
          Message answer = exchange.forward();
          answer.body[1_234_567] ^= 1;
          exchange.answer(answer);
        });
    try (DigestingInput in = new DigestingInput(source().open(LAYER, 0), LAYER.digest())) {
      in.readAllBytes();
      assertTrue(!in.digest().equals(LAYER.digest()));
    }
  }

  @Test
  void aRegistryInTroubleIsAskedAgain() throws IOException {
    proxy
        .once(MANIFEST, status("503 Service Unavailable"))
        .once(MANIFEST, status("500 Internal Server Error"))
        .once(MANIFEST, exchange -> breakAfter(exchange, 100))
        .once(BLOB, status("502 Bad Gateway"))
        .once(BLOB, exchange -> {})
        .once(BLOB, status("504 Gateway Timeout"));
    assertArrayEquals(IMAGE.document().bytes(), source().document().bytes());
    assertArrayEquals(BYTES, pull());
  }

  @Test
  void aRegistryThatStaysInTroubleIsGivenUp() {
    proxy.always(
        MANIFEST,
        exchange ->
            exchange.answer(
                new Message("HTTP/1.1 503 Service Unavailable")
                    .body(
                        "{\"errors\":[{\"code\":\"X\",\"message\":\"disk\\nfull\"}]}"
                            .getBytes(UTF_8))));
    ImageException e = assertThrows(ImageException.class, () -> source().document());
    assertEquals(
        proxy.host() + " answers with status 503: disk?full (tried 4 times)", e.getMessage());
  }

  @Test
  void retryAfterIsKept() throws IOException {
    proxy.once(MANIFEST, status("429 Too Many Requests", "Retry-After: 1"));
    long start = System.nanoTime();
    source().document();
    assertTrue(System.nanoTime() - start >= 1_000_000_000L);
    ZonedDateTime date = ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(2);
    String text = date.format(DateTimeFormatter.RFC_1123_DATE_TIME);
    proxy.once(MANIFEST, status("503 Service Unavailable", "Retry-After: " + text));
    source().document();
    // A date has whole seconds, so up to one second may be lost.
    ZonedDateTime earliest = date.truncatedTo(ChronoUnit.SECONDS).minusNanos(100_000_000);
    assertTrue(ZonedDateTime.now(ZoneOffset.UTC).isAfter(earliest));
  }

  @Test
  void nobodyWaitsForAnHour() throws IOException {
    proxy.once(MANIFEST, status("429 Too Many Requests", "Retry-After: 3600"));
    ImageException e = assertThrows(ImageException.class, () -> source().document());
    assertEquals(
        proxy.host() + " answers with status 429 (too many requests); try again in 3600 s",
        e.getMessage());
  }

  @Test
  void anAnswerThatDoesNotComeIsAskedForAgain() throws IOException {
    Timing impatient = TestOptions.impatient(Duration.ofMillis(500), null);
    try (RegistryClient hasty = TestOptions.client(TestOptions.plain().withTiming(impatient))) {
      ImageSource source = hasty.source(ImageReference.parse(proxy.host() + "/a/image:one"));
      proxy.once(MANIFEST, exchange -> awaitAnother(MANIFEST));
      assertEquals(IMAGE.document().digest(), source.document().digest());
    }
  }

  @Test
  void aManifestOfAnotherDigestIsAnError() throws IOException {
    Digest digest = IMAGE.document().digest();
    Fault lie =
        exchange -> {
          Message answer = exchange.forward();
          exchange.answer(answer.body("{\"schemaVersion\":2}".getBytes(UTF_8)));
        };
    proxy.once("GET /v2/a/image/manifests/sha256", lie);
    ImageSource source = client.source(ImageReference.parse(proxy.host() + "/a/image@" + digest));
    ImageException e = assertThrows(ImageException.class, source::document);
    assertTrue(
        e.getMessage().contains("the content of " + digest + " is wrong: its digest is sha256:"),
        "" + e);
    proxy.once("GET /v2/a/image/manifests/sha256", lie);
    byte[] bytes = IMAGE.document().bytes();
    Descriptor descriptor = Descriptor.of("", bytes);
    e = assertThrows(ImageException.class, () -> source().document(descriptor));
    assertTrue(e.getMessage().contains("" + digest), "" + e);
  }

  @Test
  void aLieAboutTheDigestOfATagIsNotBelieved() throws IOException {
    proxy.once(
        MANIFEST,
        exchange ->
            exchange.answer(
                exchange.forward().with("Docker-Content-Digest", "sha256:" + "0".repeat(64))));
    assertEquals(IMAGE.document().digest(), source().document().digest());
  }

  @Test
  void aHugeManifestIsAnError() {
    proxy.once(
        MANIFEST,
        exchange -> {
          Message answer = exchange.forward();
          exchange.answer(answer.body(new byte[(4 << 20) + 1]));
        });
    ImageException e = assertThrows(ImageException.class, () -> source().document());
    assertTrue(e.getMessage().contains("too large"), e.getMessage());
  }

  @Test
  void redirectsToStorageAreFollowedAtEachAttempt() throws IOException {
    try (FaultProxy storage = new FaultProxy(registry)) {
      storage.once("GET /storage", exchange -> storage(exchange, 1_000_000));
      storage.once("GET /storage", exchange -> storage(exchange, Integer.MAX_VALUE));
      Fault redirect =
          status("307 Temporary Redirect", "Location: http://" + storage.host() + "/storage?key=1");
      proxy.once(BLOB, redirect).once(BLOB, redirect);
      assertArrayEquals(BYTES, pull());
      FaultProxy.assertResumed(1_000_000, storage.requests("GET").get(1).field("Range"));
      storage.check();
    }
  }

  private static void storage(Exchange exchange, int bytes) throws IOException {
    exchange.request().line = BLOB + " HTTP/1.1";
    exchange.answer(exchange.forward(), bytes);
  }

  @Test
  void aRelativeRedirectStaysOnItsHost() throws IOException {
    proxy.once(BLOB, status("302 Found", "Location: /v2/a/image/blobs/../blobs/x"));
    proxy.once("GET /v2/a/image/blobs/../blobs/x", exchange -> storage(exchange, 1 << 30));
    assertArrayEquals(BYTES, pull());
  }

  @Test
  void redirectsWithoutEndAreAnError() {
    proxy.always(BLOB, status("307 Temporary Redirect", "Location: " + BLOB.substring(4)));
    ImageException e = assertThrows(ImageException.class, this::pull);
    assertTrue(e.getMessage().contains("more than 10 times"), e.getMessage());
  }

  @Test
  void redirectsToWhatIsNoUrlAreAnError() {
    for (String location : List.of("file:///etc/passwd", "http://", "ftp://a/b", "http://a b/")) {
      proxy.once(BLOB, status("307 Temporary Redirect", "Location: " + location));
      ImageException e = assertThrows(ImageException.class, this::pull);
      assertTrue(e.getMessage().contains("an invalid URL"), e.getMessage());
    }
  }

  @Test
  void layersFromElsewhereAreAskedForOnlyWhereTheRegistryHasNone() throws IOException {
    try (FaultProxy elsewhere = new FaultProxy(registry)) {
      elsewhere.once("GET /elsewhere", exchange -> storage(exchange, 1_000_000));
      elsewhere.once("GET /elsewhere", exchange -> storage(exchange, 1 << 30));
      List<String> urls = List.of("http://" + elsewhere.host() + "/elsewhere");
      Descriptor foreign = of("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", urls);
      proxy.once(BLOB, status("404 Not Found"));
      try (InputStream in = source().open(foreign, 0)) {
        assertArrayEquals(BYTES, in.readAllBytes());
      }
      elsewhere.check();
      int asked = elsewhere.requests("GET").size();
      // The registry has the layer, or fails; the layer is not foreign; or the URL is not usable.
      source().open(foreign, 0).close();
      proxy.once(BLOB, status("403 Forbidden"));
      assertThrows(ImageException.class, () -> source().open(foreign, 0));
      proxy.once(BLOB, status("404 Not Found"));
      Descriptor usual = of(LAYER.mediaType(), urls);
      assertThrows(ImageException.class, () -> source().open(usual, 0));
      proxy.once(BLOB, status("404 Not Found"));
      Descriptor local = of(foreign.mediaType(), List.of("file:///etc/passwd"));
      ImageException e = assertThrows(ImageException.class, () -> source().open(local, 0));
      assertTrue(e.getMessage().contains("not an http or https URL"), e.getMessage());
      assertEquals(asked, elsewhere.requests("GET").size());
    }
  }

  private static Descriptor of(String type, List<String> urls) {
    return new Descriptor(type, LAYER.digest(), LAYER.size(), urls, java.util.Map.of(), null);
  }

  @Test
  void progressIsTold() throws IOException {
    List<String> told = new ArrayList<>();
    Progress progress =
        new Progress() {
          private long last;

          @Override
          public void started(Descriptor descriptor) {
            told.add("started");
          }

          @Override
          public void reached(Descriptor descriptor, long position) {
            assertTrue(position >= last);
            last = position;
          }

          @Override
          public void finished(Descriptor descriptor) {
            told.add("finished at " + last);
          }
        };
    proxy.once(BLOB, exchange -> breakAfter(exchange, 1_000_000));
    try (RegistryClient watched = new RegistryClient(TestOptions.plain(), progress);
        InputStream in =
            watched.source(ImageReference.parse(proxy.host() + "/a/image:one")).open(LAYER, 5)) {
      in.readAllBytes();
    }
    assertEquals(List.of("started", "finished at " + LAYER.size()), told);
  }
}
