package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageReference;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Index;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests pulls from a registry without faults. */
@Tag("slow")
class PullTest {
  private static final TestImage IMAGE = new TestImage(1, 3_000_000, 0, 70_000);

  @TempDir static Path directory;
  private static RegistryServer registry;
  private static RegistryClient client;

  @BeforeAll
  static void push() throws IOException {
    registry = RegistryServer.start(directory);
    client = TestOptions.client(TestOptions.plain());
    IMAGE.push(client, registry.host() + "/a/image:one");
  }

  @AfterAll
  static void stop() {
    client.close();
    registry.close();
  }

  private static ImageSource source(String name) throws IOException {
    return client.source(RegistryReference.parse("docker://" + registry.host() + "/" + name));
  }

  @Test
  void aTagGivesTheManifestAsItWasPushed() throws IOException {
    try (ImageSource source = source("a/image:one")) {
      Document document = source.document();
      assertEquals(IMAGE.document().digest(), document.digest());
      assertEquals(MediaTypes.MANIFEST, document.mediaType());
      assertEquals("docker://" + registry.host() + "/a/image:one", source.toString());
    }
  }

  @Test
  void aDigestGivesTheManifest() throws IOException {
    Digest digest = IMAGE.document().digest();
    try (ImageSource source = source("a/image@" + digest)) {
      assertArrayEquals(IMAGE.document().bytes(), source.document().bytes());
    }
    // With a digest the tag is ignored.
    try (ImageSource source = source("a/image:none@" + digest)) {
      assertArrayEquals(IMAGE.document().bytes(), source.document().bytes());
    }
  }

  @Test
  void anIndexLeadsToItsManifests() throws IOException {
    Document manifest = IMAGE.document();
    Descriptor descriptor = Descriptor.of(manifest.mediaType(), manifest.bytes());
    Document index = new Document(MediaTypes.INDEX, new Index(List.of(descriptor)).bytes());
    String name = registry.host() + "/a/image:index";
    try (RegistryTarget target = client.target(ImageReference.parse(name), d -> List.of())) {
      target.putUnnamed(manifest);
      target.putManifest(index);
    }
    try (ImageSource source = source("a/image:index")) {
      Document found = source.document();
      assertTrue(found.isIndex());
      Document inner = source.document(found.index().manifests().get(0));
      assertArrayEquals(manifest.bytes(), inner.bytes());
    }
  }

  @Test
  void contentsComeByteForByteFromAnyOffset() throws IOException {
    try (ImageSource source = source("a/image:one")) {
      for (Descriptor descriptor : IMAGE.descriptors()) {
        byte[] bytes = IMAGE.bytes(descriptor);
        for (int offset : new int[] {0, 1, bytes.length / 2, bytes.length - 1, bytes.length}) {
          try (InputStream in = source.open(descriptor, offset)) {
            assertArrayEquals(
                java.util.Arrays.copyOfRange(bytes, offset, bytes.length), in.readAllBytes());
            assertEquals(-1, in.read());
          }
        }
      }
    }
  }

  @Test
  void severalThreadsReadAtOnce() throws Exception {
    Descriptor layer = IMAGE.layer(0);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try (ImageSource source = source("a/image:one")) {
      List<Future<byte[]>> all =
          java.util.stream.IntStream.range(0, 6)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            try (InputStream in = source.open(layer, 0)) {
                              return in.readAllBytes();
                            }
                          }))
              .toList();
      for (Future<byte[]> one : all) {
        assertArrayEquals(IMAGE.bytes(layer), one.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aStreamMayBeLeftEarly() throws IOException {
    try (ImageSource source = source("a/image:one")) {
      try (InputStream in = source.open(IMAGE.layer(0), 0)) {
        assertTrue(in.read() >= 0);
      }
      assertEquals(IMAGE.document().digest(), source.document().digest());
    }
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    String host = registry.host();
    assertEquals(
        host + "/a/image:none does not exist on " + host + ": manifest unknown",
        assertThrows(ImageException.class, source("a/image:none")::document).getMessage());
    assertEquals(
        host + "/nobody/nothing:latest does not exist on " + host + ": manifest unknown",
        assertThrows(ImageException.class, source("nobody/nothing")::document).getMessage());
    Descriptor missing = Descriptor.of(MediaTypes.LAYER, "missing".getBytes());
    ImageException e =
        assertThrows(ImageException.class, () -> source("a/image:one").open(missing, 0));
    assertTrue(e.getMessage().contains(missing.digest() + " does not exist on " + host), "" + e);
  }

  @Test
  void aSizeThatIsNotTheRegistrysIsAnError() throws IOException {
    Descriptor layer = IMAGE.layer(2);
    for (int difference : new int[] {-1, 1, 100_000_000}) {
      Descriptor wrong =
          new Descriptor(layer.mediaType(), layer.digest(), layer.size() + difference);
      ImageException e =
          assertThrows(
              ImageException.class,
              () -> {
                try (InputStream in = source("a/image:one").open(wrong, 0)) {
                  in.readAllBytes();
                }
              });
      assertTrue(e.getMessage().contains("" + layer.digest()), e.getMessage());
      assertTrue(e.getMessage().contains("has " + layer.size() + " bytes"), e.getMessage());
    }
    assertThrows(ImageException.class, () -> source("a/image:one").open(layer, layer.size() + 1));
    assertThrows(ImageException.class, () -> source("a/image:one").open(layer, -1));
  }
}
