package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.archive.ImageLocation.Kind;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layout.LayoutIndex;
import dev.lamina.image.layout.LayoutMarker;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.image.tar.TestTar;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertTrue(failure("oci-archive:" + colon).contains("with a colon in it without oci-archive:"));
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
    assertTrue(failure(docker + ":Foo").contains("not a valid image name"));
    assertEquals(
        location(Kind.OCI_ARCHIVE, Path.of("-"), "t"), ImageLocation.parse("oci-archive:-:t"));
    assertTrue(failure("oci:-").contains("directory"));
    assertTrue(failure(docker + "/none").contains("there is no"));
    assertTrue(failure("oci-archive:").contains("path is missing"));
    assertTrue(failure("dir:").contains("path is missing"));
  }

  /** Returns the tar of a layout with one image that has these annotations. */
  private static TestTar layout(String annotations) throws IOException {
    String config = "{}";
    Digest digest = Digest.of(config.getBytes(UTF_8));
    String index =
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1"
            + "+json\",\"size\":2,\"digest\":\""
            + digest
            + "\",\"annotations\":{"
            + annotations
            + "}}]}";
    return new TestTar()
        .file("index.json", index)
        .file("blobs/sha256/" + digest.hex(), config)
        .file("oci-layout", LayoutMarker.bytes());
  }

  private static final String TAG = "\"org.opencontainers.image.ref.name\":";

  private String named(String file, String annotations, String name) throws IOException {
    Path path = archive(file, layout(annotations));
    String text = "oci-archive:" + path + (name.isEmpty() ? "" : ":" + name);
    ImageLocation location = ImageLocation.parse(text);
    try (ImageSource source = location.source(directory);
        ImageArchive whole = ImageArchive.open(path, directory)) {
      String found = location.nameFor(source);
      if (name.isEmpty()) {
        assertEquals(found == null ? List.of() : List.of(found), whole.names().get(0));
      }
      return found;
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void aTagAloneFollowsTheNameOfTheArchive() throws IOException {
    for (String name : List.of("", "v1", "@0")) {
      assertEquals("app:v1", named("app.tar", TAG + "\"v1\"", name));
      assertEquals("r.example/x:1", named("app.tar", TAG + "\"r.example/x:1\"", "@0"));
      String both = TAG + "\"v1\",\"io.containerd.image.name\":\"docker.io/library/x:v1\"";
      assertEquals("docker.io/library/x:v1", named("app.tar", both, name));
    }
    String full = TAG + "\"x:1\"";
    assertEquals("x:1", named("app.tar", full, ""));
    assertEquals("library/x:1", named("app.tar", full, "library/x:1"));
    assertNull(named("app.tar", "", ""));
    assertNull(named("app.tar", "", "@0"));
    for (String bad : List.of("a b", "+", "../x", "X/Y:1", "\\u0001", "x:y:z", "1+1")) {
      assertNull(named("app.tar", TAG + "\"" + bad + "\"", ""), bad);
    }
    for (String[] file :
        new String[][] {
          {"app.tar.gz", "app"},
          {"App_1.2.TAR", "app_1.2"},
          {"My App (new).tar.zst", "my-app-new"},
          {"a..b---c___d.oci", "a-b---c-d"},
          {"app", "app"},
          {"...", "image"},
          {".tar", "image"},
          {"app.tar.xz", "app"},
        }) {
      assertEquals(file[1] + ":v1", named(file[0], TAG + "\"v1\"", ""));
    }
  }

  @Test
  void aTagAloneFollowsTheNameOfTheLayout() throws IOException {
    Path tar = archive("tar", layout(TAG + "\"latest\""));
    Path layout = Files.createDirectory(directory.resolve("Layout"));
    Tools.run("tar", "-C", layout.toString(), "-xf", tar.toString());
    String[] texts = {
      "oci:" + layout, "oci:" + layout + ":latest", layout.toString(), layout + "/../Layout/."
    };
    for (String text : texts) {
      ImageLocation location = ImageLocation.parse(text);
      try (ImageSource source = location.source(directory)) {
        assertEquals("layout:latest", location.nameFor(source), text);
      }
    }
    assertNull(ArchiveReference.named("latest", Path.of("-")), "standard input has no name");
    assertEquals("image:latest", ArchiveReference.named("latest", Path.of("/")));
    String valid = ArchiveReference.named("latest", HostPaths.path("/\u00fcber-\u00fc\u00ff"));
    assertEquals("ber:latest", valid);
  }

  @Test
  void registriesKeepTheirReference() throws IOException {
    ImageLocation location = ImageLocation.parse("docker://debian:12");
    assertEquals(location(Kind.REGISTRY, null, "debian:12"), location);
    assertEquals("docker://debian:12", location.toString());
    assertFalse(location.isFile());
    assertTrue(failure("docker://Debian").contains("not a valid image name"));
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
    assertTrue(failure("dir:" + directory.resolve("none")).contains("does not exist"));
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
    "containers-storage:x/y, write oci:DIR",
    "docker-daemon:foo:1, write oci:DIR",
    "Debian, write oci:DIR",
    "a b, write oci:DIR",
    "./none, there is no",
    "'', write oci:DIR",
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
