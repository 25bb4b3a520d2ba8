package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.archive.ArchiveWriter;
import dev.lamina.image.archive.CopyMain;
import dev.lamina.image.archive.DockerArchiveWriter;
import dev.lamina.image.archive.ImageArchive;
import dev.lamina.image.archive.ImageFacts;
import dev.lamina.image.archive.ImageLocation;
import dev.lamina.image.archive.OciArchiveWriter;
import dev.lamina.image.archive.Tools;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.testing.Commands;
import dev.lamina.testing.ShortTempDir;
import dev.lamina.testing.Waiting;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image stays the same when Lamina and other tools write it in each format in turn. */
@Tag("slow")
@Tag("one-jdk")
class ArchiveRoundTripTest {
  @TempDir static Path shared;
  private static Path layout;
  private static ImageFacts two;
  private static ImageFacts one;

  @TempDir Path directory;

  @TempDir(factory = ShortTempDir.class)
  Path run;

  private Path temporary;

  @BeforeAll
  static void makeImages() throws IOException {
    layout = Tools.layout(shared);
    two = ImageFacts.of(OciLayout.open(layout).source("two"));
    one = ImageFacts.of(OciLayout.open(layout).source("one"));
  }

  @BeforeEach
  void makeTemporary() throws IOException {
    temporary = Files.createDirectory(directory.resolve("temporary"));
  }

  private ImageSource source(String text) throws IOException {
    return ImageLocation.parse(text).source(temporary);
  }

  private ImageFacts read(String text) throws IOException {
    ImageFacts facts = ImageFacts.of(source(text));
    assertEquals(List.of(), names(temporary));
    return facts;
  }

  private static List<String> names(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private void write(String text) throws IOException {
    ImageFacts.copy(source("oci:" + layout + ":two"), ImageLocation.parseTarget(text).target());
  }

  private static String from(String image) {
    return "oci:" + layout + ":" + image;
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci:%s", "oci:%s:v1", "oci-archive:%s", "oci-archive:%s:v1"})
  void skopeosLayoutsAndArchivesAreRead(String form) throws IOException {
    String text = String.format(form, directory.resolve("image"));
    Tools.skopeo("copy", from("two"), text);
    assertEquals(two, read(text));
  }

  @Test
  void skopeosOtherFormatsAreRead() throws IOException {
    String zstd = "oci:" + directory.resolve("zstd");
    Tools.skopeo("copy", "--dest-compress-format", "zstd", from("two"), zstd);
    assertEquals(two, read(zstd));

    Path archive = directory.resolve("docker.tar");
    Tools.skopeo("copy", from("two"), "docker-archive:" + archive + ":some/name:v1");
    assertEquals(two.layers(), read("docker-archive:" + archive).layers());
    assertEquals(two, read("docker-archive:" + archive + ":docker.io/some/name:v1"));
    assertEquals(two, read("docker-archive:" + archive + ":@0"));
    assertEquals(two, read(archive.toString()));

    Path plain = directory.resolve("dir");
    Tools.skopeo("copy", from("two"), "dir:" + plain);
    assertSame(ImageLocation.Kind.SKOPEO_DIRECTORY, ImageLocation.parse("dir:" + plain).kind());
    assertEquals(two, read("dir:" + plain));
    assertEquals(two, read(plain.toString()));
  }

  @Test
  void podmansArchivesAreRead() throws IOException {
    for (String image : List.of("one", "two")) {
      Path archive = directory.resolve(image);
      Tools.skopeo("copy", from(image), "docker-archive:" + archive + ":localhost/" + image + ":1");
      Tools.podman(directory, run, "load", "-i", archive.toString());
    }
    Path both = directory.resolve("both");
    Tools.podman(
        directory, run, "save", "-m", "-o", both.toString(), "localhost/one:1", "localhost/two:1");
    String message =
        assertThrows(ImageException.class, () -> source("docker-archive:" + both)).getMessage();
    assertTrue(message.contains("localhost/one:1, localhost/two:1"), message);
    assertEquals(two, read("docker-archive:" + both + ":localhost/two:1"));
    assertEquals(one, read("docker-archive:" + both + ":localhost/one:1"));
    try (ImageArchive archive = ImageArchive.open(both, temporary)) {
      assertEquals(
          List.of(List.of("localhost/one:1"), List.of("localhost/two:1")), archive.names());
      assertEquals(two, ImageFacts.of(archive.source(1)));
    }

    Path oci = directory.resolve("oci");
    Tools.podman(
        directory, run, "save", "--format", "oci-archive", "-o", oci.toString(), "localhost/two:1");
    assertEquals(two.layers(), read("oci-archive:" + oci + ":localhost/two:1").layers());
    assertEquals(two.layers(), read(oci.toString()).layers());
    try (ImageArchive archive = ImageArchive.open(oci, temporary)) {
      assertEquals(List.of(List.of("localhost/two:1")), archive.names());
    }
  }

  @Test
  void ourOciArchivesAreReadBySkopeoAndPodman() throws IOException {
    Path archive = directory.resolve("archive");
    write("oci-archive:" + archive + ":v1");
    assertEquals(two, read("oci-archive:" + archive + ":v1"));
    assertEquals(two, read(archive.toString()));
    String manifest = Tools.skopeo("inspect", "--raw", "oci-archive:" + archive + ":v1");
    Digest expected = OciLayout.open(layout).find("two").digest();
    assertEquals(expected, Digest.of(manifest.getBytes(UTF_8)));
    Tools.skopeo("copy", "oci-archive:" + archive, "dir:" + directory.resolve("dir"));
    assertEquals(two, read("dir:" + directory.resolve("dir")));
    Tools.podman(directory, run, "load", "-i", archive.toString());
    String ids = Tools.podman(directory, run, "images", "--no-trunc", "--quiet");
    assertEquals(two.config().toString(), ids.trim());
  }

  @Test
  void ourDockerArchivesAreReadBySkopeoAndPodman() throws IOException {
    Path archive = directory.resolve("archive");
    write("docker-archive:" + archive + ":name:v1");
    assertEquals(two, read("docker-archive:" + archive + ":name:v1"));
    assertEquals(two, read(archive.toString()));
    Tools.skopeo("inspect", "docker-archive:" + archive + ":docker.io/library/name:v1");
    Tools.skopeo("copy", "docker-archive:" + archive, "oci:" + directory.resolve("oci") + ":t");
    assertEquals(two.layers(), read("oci:" + directory.resolve("oci") + ":t").layers());
    Tools.podman(directory, run, "load", "-i", archive.toString());
    String images =
        Tools.podman(directory, run, "images", "--no-trunc", "--format", "{{.ID}} {{.Names}}");
    assertEquals(two.config() + " [docker.io/library/name:v1]", images.trim());
    String tree = Tools.podman(directory, run, "image", "mount", "name:v1").trim();
    Tools.run("cmp", shared.resolve("tree/noise").toString(), tree + "/data/noise");
    Tools.podman(directory, run, "image", "unmount", "name:v1");
  }

  /** Neither skopeo nor umoci can read Docker's manifests in a layout. */
  @Test
  void imagesOfDockersFormBecomeOnesOfOcis() throws IOException {
    Path theirs = directory.resolve("dir");
    Tools.skopeo("copy", "--format", "v2s2", from("two"), "dir:" + theirs);
    ImageFacts facts = read("dir:" + theirs);
    Path ours = directory.resolve("ours");
    Path archive = directory.resolve("archive");
    for (String target : List.of("oci:" + ours + ":v1", "oci-archive:" + archive + ":v1")) {
      ImageFacts.copy(source("dir:" + theirs), ImageLocation.parseTarget(target).target());
      assertEquals(facts, read(target));
      Tools.skopeo("inspect", target);
      Tools.skopeo("copy", target, "dir:" + directory.resolve("copy"));
      assertEquals(facts, read("dir:" + directory.resolve("copy")));
    }
    Tools.umoci("stat", "--image", ours + ":v1");
    String manifest = Tools.skopeo("inspect", "--raw", "oci:" + ours + ":v1");
    assertFalse(manifest.contains("docker"), manifest);
    Tools.skopeo("inspect", "--config", "oci:" + ours + ":v1");
  }

  @Test
  void severalImagesShareTheirLayersInAnArchive() throws IOException {
    Path docker = directory.resolve("docker");
    Path oci = directory.resolve("oci");
    for (ArchiveWriter writer :
        List.of(new DockerArchiveWriter(docker), new OciArchiveWriter(oci))) {
      try (writer) {
        ImageFacts.copy(source(from("one")), writer.target(List.of("one:1", "one:latest")));
        ImageFacts.copy(source(from("two")), writer.target(List.of("two:1")));
        writer.finish();
      }
    }
    for (String name : List.of("one:1", "one:latest")) {
      assertEquals(one, read("docker-archive:" + docker + ":" + name));
      assertEquals(one, read("oci-archive:" + oci + ":" + name));
    }
    assertEquals(two, read("docker-archive:" + docker + ":two:1"));
    assertEquals(two, read("oci-archive:" + oci + ":two:1"));
    // These are two layers, two configurations and one manifest.json.
    assertEquals(5, Tools.run("tar", "tf", docker.toString()).lines().count());
    Tools.podman(directory, run, "load", "-i", docker.toString());
    String loaded = Tools.podman(directory, run, "images", "--format", "{{.Repository}}:{{.Tag}}");
    assertEquals(
        List.of(
            "docker.io/library/one:1", "docker.io/library/one:latest", "docker.io/library/two:1"),
        loaded.lines().sorted().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci-archive:%s:v1", "docker-archive:%s:name:v1"})
  void archivesAreTheSameWhateverTheOrder(String form) throws IOException {
    List<byte[]> archives = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path file = directory.resolve("archive" + i);
      ImageSource source = source(from("two"));
      Document document = source.document();
      List<Descriptor> parts = document.manifest().parts();
      if (i > 0) {
        Collections.reverse(parts);
      }
      try (ImageTarget target = ImageLocation.parseTarget(String.format(form, file)).target()) {
        for (Descriptor part : parts) {
          target.put(part, offset -> source.open(part, offset));
        }
        target.putManifest(document);
      }
      archives.add(Files.readAllBytes(file));
      List<String> members = Tools.run("tar", "tf", file.toString()).lines().toList();
      assertEquals(members.stream().sorted().toList(), members);
    }
    assertArrayEquals(archives.get(0), archives.get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "xz", "zstd"})
  void aCompressedArchiveIsUnpackedAside(String program) throws IOException {
    for (String transport : List.of("oci-archive:", "docker-archive:")) {
      Path file = directory.resolve("archive" + transport.length());
      write(transport + file + ":v1");
      String compressed = file + ".x";
      Tools.run("sh", "-c", program + " -c " + file + " >" + compressed);
      assertEquals(two, read(transport + compressed));
      assertEquals(two, read(compressed));
    }
  }

  @Test
  void standardInputAndOutputAndPipesWillDo() throws Exception {
    Path file = directory.resolve("archive");
    write("oci-archive:" + file + ":v1");
    Path docker = directory.resolve("docker");
    Path fifo = directory.resolve("fifo");
    Tools.run("mkfifo", fifo.toString());
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            CopyMain.class.getName(),
            "oci-archive:-:v1",
            "docker-archive:-:name:v1",
            temporary.toString());
    builder.redirectInput(file.toFile()).redirectOutput(docker.toFile());
    File errors = directory.resolve("errors").toFile();
    Process process = builder.redirectError(errors).start();
    try {
      assertEquals(
          0, Waiting.untilEnd("copying", process), () -> Tools.run("cat", errors.toString()));
    } finally {
      Commands.kill(process);
    }
    assertEquals(two, read("docker-archive:" + docker));

    Process reader = new ProcessBuilder("cp", docker.toString(), fifo.toString()).start();
    try {
      assertEquals(two, read("docker-archive:" + fifo));
    } finally {
      Commands.kill(reader);
    }
    Process writer =
        new ProcessBuilder("cp", fifo.toString(), directory.resolve("out").toString()).start();
    try {
      write("docker-archive:" + fifo + ":name:v1");
      assertEquals(0, Waiting.untilEnd("reading", writer));
    } finally {
      Commands.kill(writer);
    }
    Tools.run("cmp", docker.toString(), directory.resolve("out").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci-archive:%s:v1", "docker-archive:%s:name:v1"})
  void aFailureLeavesTheArchiveThatWasThere(String form) throws IOException {
    Path file = Files.createDirectory(directory.resolve("a")).resolve("archive");
    Files.writeString(file, "an older one");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    ImageSource source = source(from("two"));
    Document document = source.document();
    try (ImageTarget target = ImageLocation.parseTarget(String.format(form, link)).target()) {
      for (Descriptor part : document.manifest().parts()) {
        target.put(part, offset -> source.open(part, offset));
      }
      Descriptor wrong = document.manifest().layers().get(1);
      assertThrows(
          IOException.class,
          () -> {
            target.put(wrong, offset -> damaged(source.open(wrong, 0)));
            target.putManifest(document);
          });
    }
    assertEquals("an older one", Files.readString(file));
    assertEquals(List.of("archive"), names(file.getParent()));
    write(String.format(form, link));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(two, read(file.toString()));
  }

  private static InputStream damaged(InputStream in) throws IOException {
    byte[] bytes = in.readAllBytes();
    bytes[bytes.length / 2] ^= 1;
    return new ByteArrayInputStream(bytes);
  }
}
