package dev.lamina.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.registry.FaultProxy.Fault;
import dev.lamina.image.registry.FaultProxy.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class MirrorTest {
  private static final TestImage IMAGE = new TestImage(6, 2_000_000);
  private static final Descriptor LAYER = IMAGE.layer(0);
  private static final String BLOB = "GET /v2/copies/a/image/blobs/";
  private static final String MANIFEST = "GET /v2/copies/a/image/manifests/";

  @TempDir static Path directory;
  private static RegistryServer registry;

  /** A mirror that has the image under a prefix. */
  private final FaultProxy mirror = new FaultProxy(registry);

  private final FaultProxy origin = new FaultProxy(registry);
  private final RegistryClient client =
      TestOptions.client(TestOptions.plain().withMirrors(List.of(mirror.host() + "/copies/")));

  @BeforeAll
  static void start() throws IOException {
    registry = RegistryServer.start(directory);
    try (RegistryClient client = TestOptions.client(TestOptions.plain())) {
      IMAGE.push(client, registry.host() + "/a/image:one");
      IMAGE.push(client, registry.host() + "/copies/a/image:one");
    }
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @AfterEach
  void close() {
    client.close();
    mirror.close();
    mirror.check();
    origin.close();
  }

  private void pull() throws IOException {
    pull(":one");
  }

  private void pull(String tagOrDigest) throws IOException {
    try (ImageSource source =
        client.source(ImageReference.parse(origin.host() + "/a/image" + tagOrDigest))) {
      assertArrayEquals(IMAGE.document().bytes(), source.document().bytes());
      try (InputStream in = source.open(LAYER, 0)) {
        assertArrayEquals(IMAGE.bytes(LAYER), in.readAllBytes());
      }
    }
  }

  private static Fault status(String line) {
    return exchange -> exchange.answer(new Message("HTTP/1.1 " + line).body(new byte[0]));
  }

  @Test
  void aMirrorThatHasItIsEnough() throws IOException {
    pull();
    pull("@" + IMAGE.document().digest());
    assertEquals(List.of(), origin.requests(""));
    assertEquals(2, mirror.requests(BLOB).size());
  }

  @Test
  void aMirrorThatHasItNotIsPassedOver() throws IOException {
    mirror.once(MANIFEST, status("404 Not Found"));
    pull();
    assertEquals(1, origin.requests("GET /v2/a/image/blobs/").size());
    assertEquals(0, mirror.requests(BLOB).size());
  }

  @Test
  void aMirrorThatIsDownIsPassedOver() throws IOException {
    mirror.close();
    pull();
    assertEquals(1, origin.requests("GET /v2/a/image/blobs/").size());
  }

  @Test
  void aMirrorThatLiesIsPassedOver() throws IOException {
    mirror.once(
        MANIFEST, exchange -> exchange.answer(exchange.forward().body("{}".getBytes(UTF_8))));
    pull("@" + IMAGE.document().digest());
    assertEquals(1, origin.requests("GET /v2/a/image/manifests/").size());
  }

  @Test
  void aMirrorThatBreaksDownInTheMiddleIsPassedOver() throws IOException {
    mirror.once(BLOB, exchange -> exchange.answer(exchange.forward(), 500_000));
    mirror.always(BLOB, status("503 Service Unavailable"));
    pull();
    List<Message> rest = origin.requests("GET /v2/a/image/blobs/");
    assertEquals(1, rest.size());
    FaultProxy.assertResumed(500_000, rest.get(0).field("Range"));
  }

  @Test
  void theRegistryHasTheLastWord() {
    mirror.once(MANIFEST, status("404 Not Found"));
    ImageException e = assertThrows(ImageException.class, () -> pull(":none"));
    assertTrue(e.getMessage().startsWith(origin.host() + "/a/image:none does not exist"), "" + e);
  }

  @Test
  void nothingIsPushedToAMirror() throws IOException {
    IMAGE.push(client, origin.host() + "/a/image:two");
    assertEquals(List.of(), mirror.requests(""));
  }

  @Test
  void aMirrorIsAHost() throws IOException {
    for (String wrong : List.of("mirror", "", "a b.example.com", "/x")) {
      assertThrows(ImageException.class, () -> RegistryReference.mirrored(wrong, "library/a"));
    }
    assertEquals(
        "mirror.example.com/library/a",
        ""
            + RegistryReference.mirrored("https://mirror.example.com/", "library/a").registry()
            + "/"
            + RegistryReference.mirrored("https://mirror.example.com/", "library/a").repository());
  }
}
