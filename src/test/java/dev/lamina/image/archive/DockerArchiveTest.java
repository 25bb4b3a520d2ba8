package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Index;
import dev.lamina.image.Json;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Platform;
import dev.lamina.image.layout.LayoutMarker;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.tar.RawTar;
import dev.lamina.image.tar.TestTar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives in the formats of the versions of docker and of other tools, made by hand. */
class DockerArchiveTest {
  private static final byte[] LOWER = layer("lower");
  private static final byte[] UPPER = layer("upper");
  private static final byte[] CONFIG = config(LOWER, UPPER);
  private static final ImageFacts FACTS =
      new ImageFacts(Digest.of(CONFIG), List.of(Digest.of(LOWER), Digest.of(UPPER)));

  @TempDir Path directory;

  private static byte[] layer(String text) {
    try {
      return new TestTar().file("etc/" + text, text).finished();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] config(byte[]... layers) {
    String ids = "";
    for (byte[] layer : layers) {
      ids += (ids.isEmpty() ? "\"" : ",\"") + Digest.of(layer) + "\"";
    }
    String text =
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}";
    return String.format(text, Platform.host().architecture(), ids).getBytes(UTF_8);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String manifest(String config, String tags, String... layers) {
    return "[{\"Config\":\""
        + config
        + "\",\"RepoTags\":"
        + tags
        + ",\"Layers\":[\""
        + String.join("\",\"", layers)
        + "\"]}]";
  }

  private Path write(TestTar tar) throws IOException {
    return tar.write(directory.resolve("archive"));
  }

  private ImageSource source(Path file, String name) throws IOException {
    return ImageArchive.only(DockerArchive.open(file, directory), name);
  }

  private String failure(TestTar tar) {
    return assertThrows(ImageException.class, () -> ImageFacts.of(source(write(tar), null)))
        .getMessage();
  }

  private static TestTar simple(String config, byte[] lower, byte[] upper) throws IOException {
    return new TestTar()
        .file("c.json", config)
        .file("0.tar", lower)
        .file("1.tar", upper)
        .file("manifest.json", manifest("c.json", "[\"a:1\"]", "0.tar", "1.tar"));
  }

  /** Docker 1.10 to 24: a directory for each layer, with links between equal ones. */
  @Test
  void ofOldDocker() throws IOException {
    String a = "a".repeat(64);
    String b = "b".repeat(64);
    String c = "c".repeat(64);
    byte[] config = config(LOWER, UPPER, LOWER);
    TestTar tar =
        new TestTar()
            .file(a + "/VERSION", "1.0")
            .file(a + "/json", "{}")
            .file(a + "/layer.tar", LOWER)
            .file(b + "/layer.tar", UPPER)
            .symlink(c + "/layer.tar", "../" + a + "/layer.tar")
            .file(Digest.of(config).hex() + ".json", config)
            .file(
                "manifest.json",
                manifest(
                    Digest.of(config).hex() + ".json",
                    "[\"foo:1\",\"r.example/foo:2\"]",
                    a + "/layer.tar",
                    b + "/layer.tar",
                    c + "/layer.tar"))
            .file("repositories", "{\"foo\":{\"1\":\"" + c + "\"}}");
    Path file = write(tar);
    ImageFacts facts =
        new ImageFacts(
            Digest.of(config), List.of(Digest.of(LOWER), Digest.of(UPPER), Digest.of(LOWER)));
    for (String name : new String[] {null, "foo:1", "docker.io/foo:1", "r.example/foo:2", "@0"}) {
      assertEquals(facts, ImageFacts.of(source(file, name)));
    }
    String message = assertThrows(ImageException.class, () -> source(file, "foo:2")).getMessage();
    assertTrue(message.contains("it holds: foo:1, r.example/foo:2"), message);
    assertEquals(ImageLocation.Kind.DOCKER_ARCHIVE, ImageLocation.parse(file.toString()).kind());
  }

  /** Docker from 25 on: a layout, with manifest.json beside the index. */
  @Test
  void ofNewDocker() throws IOException {
    Descriptor config = Descriptor.of(MediaTypes.CONFIG, CONFIG);
    Descriptor lower = Descriptor.of(MediaTypes.LAYER, LOWER);
    Descriptor upper = Descriptor.of(MediaTypes.LAYER_GZIP, gzip(UPPER));
    byte[] manifest = new Manifest(config, List.of(lower, upper)).bytes();
    Descriptor image =
        Descriptor.of(MediaTypes.MANIFEST, manifest)
            .withAnnotations(
                Map.of(
                    "io.containerd.image.name",
                    "docker.io/library/foo:1",
                    Descriptor.REF_NAME,
                    "1"));
    TestTar tar =
        new TestTar()
            .file(LayoutSource.path(config.digest()), CONFIG)
            .file(LayoutSource.path(lower.digest()), LOWER)
            .file(LayoutSource.path(upper.digest()), gzip(UPPER))
            .file(LayoutSource.path(image.digest()), manifest)
            .file("index.json", new Index(List.of(image)).bytes())
            .file(
                "manifest.json",
                manifest(
                    LayoutSource.path(config.digest()),
                    "[\"foo:1\"]",
                    LayoutSource.path(lower.digest()),
                    LayoutSource.path(upper.digest())))
            .file("oci-layout", LayoutMarker.bytes());
    Path file = write(tar);
    assertEquals(FACTS, ImageFacts.of(source(file, "foo:1")));
    try (ImageArchive archive = ImageArchive.open(file, directory)) {
      assertEquals(List.of(List.of("docker.io/library/foo:1")), archive.names());
      assertEquals(FACTS, ImageFacts.of(archive.source("foo:1")));
      // It is read as a layout, so the manifest is the original one.
      assertEquals(image.digest(), archive.source(0).document().digest());
    }
  }

  @Test
  void ofBuildersThatCompressLayers() throws IOException {
    TestTar tar =
        new TestTar()
            .file("sha256:c", CONFIG)
            .file("0.tar.gz", gzip(LOWER))
            .file("1.tar.gz", gzip(UPPER))
            .file("./manifest.json", manifest("sha256:c", "null", "./0.tar.gz", "1.tar.gz"));
    Path file = write(tar);
    assertEquals(FACTS, ImageFacts.of(source(file, null)));
    Manifest manifest = source(file, null).document().manifest();
    assertEquals(MediaTypes.LAYER_GZIP, manifest.layers().get(0).mediaType());
    assertEquals(Digest.of(gzip(LOWER)), manifest.layers().get(0).digest());
    assertEquals(List.of(Digest.of(LOWER), Digest.of(UPPER)), ImageConfig.parse(CONFIG).diffIds());
  }

  private static String raw(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  private static String raw(String text) {
    return raw(text.getBytes(UTF_8));
  }

  /** Names are text in manifest.json, and bytes in a tar, in a pax record or in a header. */
  @Test
  void namesNeedNotBeAscii() throws IOException {
    String config = "gr\u00f6\u00dfe.json";
    String lower = "\u00df/\u6f22.tar";
    String upper = "\u6f22.tar";
    RawTar tar =
        new RawTar()
            .pax("path", raw(config))
            .file("0", raw(CONFIG))
            .pax("path", raw(lower))
            .file("1", raw(LOWER))
            .file(raw("\u00e4.tar"), raw(UPPER))
            .symlink(raw(upper), raw("\u00e4.tar"))
            .file("manifest.json", raw(manifest(config, "[]", lower, upper)))
            .end();
    Path file = Files.write(directory.resolve("archive"), tar.bytes());
    assertEquals(FACTS, ImageFacts.of(source(file, null)));
    TestTar missing = new TestTar().file("manifest.json", manifest(config, "[]", lower));
    assertTrue(failure(missing).contains("no file " + config + " in"));
  }

  /** An entry without data whose name ends in a slash is no file of an image, whatever its type. */
  @Test
  void entriesOfOtherTypesWithASlashAreIgnored() throws IOException {
    TestTar tar = new TestTar().raw("label/", (byte) 'V', 0).raw("fifo/", (byte) '6', 0);
    tar.file("c.json", CONFIG)
        .file("0.tar", LOWER)
        .file("1.tar", UPPER)
        .raw("1.tar/", (byte) 'D', 0)
        .file("manifest.json", manifest("c.json", "[]", "0.tar", "1.tar"));
    assertEquals(FACTS, ImageFacts.of(source(write(tar), null)));
    String message =
        failure(
            new TestTar()
                .raw("c.json/", (byte) 'V', 0)
                .file("manifest.json", manifest("c.json", "[]", "0.tar")));
    assertTrue(message.contains("no file c.json in"), message);
  }

  @Test
  void ofDockerBefore110() {
    String a = "a".repeat(64);
    String message =
        assertThrows(
                ImageException.class,
                () -> {
                  TestTar tar =
                      new TestTar()
                          .file(a + "/json", "{}")
                          .file(a + "/layer.tar", LOWER)
                          .file("repositories", "{}");
                  ImageArchive.open(write(tar), directory);
                })
            .getMessage();
    assertTrue(message.contains("before 1.10"), message);
  }

  @Test
  void readsFromAnOffset() throws IOException {
    Path file = write(simple(new String(CONFIG, UTF_8), LOWER, UPPER));
    try (ImageSource source = source(file, null)) {
      Descriptor layer = source.document().manifest().layers().get(1);
      try (InputStream in = source.open(layer, 512)) {
        assertEquals("upper", new String(in.readNBytes(5), UTF_8));
      }
      try (InputStream in = source.open(layer, UPPER.length)) {
        assertEquals(-1, in.read());
      }
    }
  }

  @Test
  void aLayerThatIsAnotherOneIsAnError() throws IOException {
    String message = failure(simple(new String(CONFIG, UTF_8), LOWER, LOWER));
    assertTrue(message.contains("1.tar in ") && message.contains("damaged"), message);
  }

  @Test
  void anImageThatDoesNotFitTogetherIsAnError() throws IOException {
    String config = new String(CONFIG, UTF_8);
    assertTrue(
        failure(
                new TestTar()
                    .file("c.json", config)
                    .file("0.tar", LOWER)
                    .file("manifest.json", manifest("c.json", "[]", "0.tar")))
            .contains("has 2 layers"));
    assertTrue(
        failure(
                new TestTar()
                    .file("c.json", config)
                    .file("0.tar", LOWER)
                    .file("manifest.json", manifest("c.json", "[]", "0.tar", "9.tar")))
            .contains("no file 9.tar in"));
    assertTrue(failure(simple("{\"rootfs\":", LOWER, UPPER)).contains("c.json"));
    for (String manifest :
        List.of(
            "", "{}", "[1]", "[{}]", "[{\"Config\":1}]", "[{\"Config\":\"c\",\"Layers\":{}}]")) {
      String message = failure(new TestTar().file("manifest.json", manifest));
      assertTrue(message.contains("manifest.json"), message);
    }
    assertTrue(failure(new TestTar().file("manifest.json", "[]")).contains("no image"));
    assertTrue(
        failure(new TestTar().file("manifest.json", "[" + " ".repeat(Json.LONGEST) + "]"))
            .contains("too large"));
    String many = manifest("c", "[]", "l").replace("[{", "{").replace("}]", "}");
    String list = "[" + (many + ",").repeat(1000) + many + "]";
    String message = failure(new TestTar().file("manifest.json", list));
    assertTrue(message.contains("and 981 more") && message.length() < 2000, message);
  }
}
