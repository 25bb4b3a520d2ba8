package dev.lamina.image.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import dev.lamina.image.archive.ImageLocation.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ImageLocationTest {
  @TempDir Path directory;

  private static String failure(String text) {
    return assertThrows(ImageException.class, () -> ImageLocation.parse(text)).getMessage();
  }

  private static ImageLocation location(Kind kind, Path path, String name) {
    return new ImageLocation(kind, path, name);
  }

  private Path archive(String name, TestTar tar) throws IOException {
    return tar.write(directory.resolve(name));
  }

  private static TestTar layout() throws IOException {
    return new TestTar()
        .file("index.json", LayoutIndex.empty())
        .file("oci-layout", LayoutMarker.bytes());
  }

  private static TestTar rootfs() throws IOException {
    return new TestTar().file("./etc/passwd", "root").file("./manifest.json", "[]");
  }

  @Test
  void aPathEndsAtTheFirstColon() throws IOException {
    Path path = Files.createDirectory(directory.resolve("layout"));
    for (String tag : List.of("v1", "a.example/b/c:v1", "a--b", "x@sha256:0", "@3")) {
      String text = "oci:" + path + ":" + tag;
      assertEquals(location(Kind.OCI_LAYOUT, path, tag), ImageLocation.parse(text));
      assertEquals(text, ImageLocation.parse(text).toString());
    }
    assertEquals(location(Kind.OCI_LAYOUT, path, null), ImageLocation.parse("oci:" + path));
    assertEquals(location(Kind.OCI_LAYOUT, path, null), ImageLocation.parse("oci:" + path + ":"));
    for (String tag : List.of("a b", "-a", "a/", "@x", "a__b", "ä")) {
      assertTrue(failure("oci:" + path + ":" + tag).contains("first colon"), tag);
    }
    Path colon = archive("a:b.tar", layout());
    assertTrue(failure("oci-archive:" + colon).contains("only be given without oci-archive:"));
    assertEquals(location(Kind.OCI_ARCHIVE, colon, null), ImageLocation.parse(colon.toString()));
  }

  @Test
  void archivesHaveTagsAndReferences() throws IOException {
    Path file = archive("file", layout());
    assertEquals(
        location(Kind.OCI_ARCHIVE, file, "v1"), ImageLocation.parse("oci-archive:" + file + ":v1"));
    String docker = "docker-archive:" + file;
    for (String name : List.of("foo", "foo:1", "r.example:5000/foo:1", "@1")) {
      assertEquals(
          location(Kind.DOCKER_ARCHIVE, file, name), ImageLocation.parse(docker + ":" + name));
    }
    assertTrue(failure(docker + ":Foo").contains("not the name of an image"));
    assertEquals(
        location(Kind.OCI_ARCHIVE, Path.of("-"), "t"), ImageLocation.parse("oci-archive:-:t"));
    assertTrue(failure("oci:-").contains("directory"));
    assertTrue(failure(docker + "/none").contains("there is no"));
    assertTrue(failure("oci-archive:").contains("no path"));
    assertTrue(failure("dir:").contains("no path"));
  }

  @Test
  void registriesKeepTheirReference() throws IOException {
    ImageLocation location = ImageLocation.parse("docker://debian:12");
    assertEquals(location(Kind.REGISTRY, null, "debian:12"), location);
    assertEquals("docker://debian:12", location.toString());
    assertFalse(location.isFile());
    assertTrue(failure("docker://Debian").contains("not the name"));
  }

  @Test
  void directoriesAreImagesOfSkopeosOrRootFileSystems() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root/etc")).getParent();
    Files.createSymbolicLink(root.resolve("version"), Path.of("etc"));
    Files.createSymbolicLink(root.resolve("oci-layout"), Path.of("etc"));
    Files.createSymbolicLink(root.resolve("manifest.json"), Path.of("etc"));
    assertSame(Kind.ROOTFS_DIRECTORY, ImageLocation.parse("dir:" + root).kind());
    assertSame(Kind.ROOTFS_DIRECTORY, ImageLocation.parse(root.toString()).kind());
    Files.delete(root.resolve("version"));
    Files.delete(root.resolve("manifest.json"));
    Files.writeString(root.resolve("version"), "12.1 of something, and not short");
    Files.writeString(root.resolve("manifest.json"), "{}");
    assertSame(Kind.ROOTFS_DIRECTORY, ImageLocation.parse("dir:" + root).kind());
    assertSame(Kind.ROOTFS_DIRECTORY, ImageLocation.parse(root.toString()).kind());
    Files.writeString(root.resolve("version"), "Directory Transport Version: 1.1\n");
    assertSame(Kind.SKOPEO_DIRECTORY, ImageLocation.parse("dir:" + root).kind());
    assertTrue(failure("dir:" + directory.resolve("none")).contains("not there"));
    assertTrue(failure("dir:" + root.resolve("version")).contains("not a directory"));
    OciLayout.create(directory.resolve("layout"));
    assertSame(Kind.OCI_LAYOUT, ImageLocation.parse(directory.resolve("layout").toString()).kind());
  }

  @Test
  void barePathsAreWhatTheyHold() throws IOException {
    assertSame(Kind.OCI_ARCHIVE, kind(archive("a", layout().file("manifest.json", "[]"))));
    assertSame(Kind.DOCKER_ARCHIVE, kind(archive("b", new TestTar().file("manifest.json", "[]"))));
    String id = "a".repeat(64);
    assertSame(Kind.DOCKER_ARCHIVE, kind(archive("c", new TestTar().file(id + "/json", "{}"))));
    assertSame(Kind.ROOTFS_TAR, kind(archive("d", rootfs())));
    assertSame(Kind.ROOTFS_TAR, kind(archive("e", new TestTar().file("program", "x"))));
    Path compressed = directory.resolve("f");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      out.write(rootfs().finished());
    }
    assertSame(Kind.ROOTFS_TAR, kind(compressed));

    Path text = Files.writeString(directory.resolve("text.tar"), "not a tar".repeat(1000));
    assertTrue(failure(text.toString()).contains("neither a tar"));
    assertTrue(failure(directory + "/none:v1").contains("there is no"));
    assertTrue(failure(compressed + ":v1").contains("write oci:, oci-archive:"));
    Path fifo = directory.resolve("fifo");
    Tools.run("mkfifo", fifo.toString());
    assertTrue(failure(fifo.toString()).contains("pipe"));
    assertTrue(failure("/dev/null").contains("device"));
    assertTrue(failure("-").contains("oci-archive:-"));
    byte[] tar = new TestTar().file("program", "x".repeat(2000)).finished();
    Path cut = directory.resolve("cut");
    Files.write(cut, Arrays.copyOf(tar, 100));
    assertTrue(failure(cut.toString()).contains("neither a tar"));
    Files.write(cut, Arrays.copyOf(tar, 1000));
    assertTrue(failure(cut.toString()).contains("truncated"));
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(cut))) {
      out.write(tar, 0, 1000);
    }
    assertTrue(failure(cut.toString()).contains("truncated"));
  }

  private static Kind kind(Path path) throws IOException {
    ImageLocation location = ImageLocation.parse(path.toString());
    assertEquals(path, location.path());
    return location.kind();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "debian",
        "debian:12",
        "r.example/foo",
        "localhost:5000/foo:1",
        "foo/bar",
        "docker:dind",
        "src:latest",
        "pom.xml",
        "file:1"
      })
  void othersAreNames(String text) throws IOException {
    assertEquals(location(Kind.NAME, null, text), ImageLocation.parse(text));
    assertEquals(location(Kind.NAME, null, text), ImageLocation.parseTarget(text));
    assertEquals(text, ImageLocation.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "docker:/debian, docker://debian",
    "https://r.example/foo, docker://r.example/foo",
    "http://r.example/foo:1, docker://r.example/foo:1",
    "containers-storage:x/y, an image is oci:DIR",
    "docker-daemon:foo:1, an image is oci:DIR",
    "Debian, an image is oci:DIR",
    "a b, an image is oci:DIR",
    "./none, there is no",
    "'', an image is oci:DIR",
  })
  void whatIsNoneOfTheseSaysWhatIsMeant(String text, String expected) {
    String message = failure(text);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void targetsNeedNotBeThere() throws IOException {
    Path none = directory.resolve("none");
    for (String text :
        List.of("oci:" + none + ":v1", "oci-archive:" + none, "docker-archive:" + none + ":a:1")) {
      assertEquals(text, ImageLocation.parseTarget(text).toString());
      assertTrue(ImageLocation.parseTarget(text).isFile());
    }
    assertSame(Kind.REGISTRY, ImageLocation.parseTarget("docker://r.example/a").kind());
    for (String text : List.of("dir:/tmp", "oci:/tmp:@1", "./x", "https://x/y")) {
      assertThrows(ImageException.class, () -> ImageLocation.parseTarget(text));
    }
  }
}
