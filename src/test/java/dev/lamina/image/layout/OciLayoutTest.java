package dev.lamina.image.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageTarget;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.archive.ImageFacts;
import dev.lamina.image.archive.Tools;
import dev.lamina.sys.CallFaults;
import dev.lamina.sys.Errno;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("one-jdk")
class OciLayoutTest {
  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String message(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(ImageException.class, call).getMessage();
  }

  @Test
  void umocisImagesAreReadAndOursAreReadBySkopeoAndUmoci() throws IOException {
    Path theirs = Tools.layout(directory);
    OciLayout layout = OciLayout.open(theirs);
    List<String> names = layout.images().stream().map(LayoutImage::name).toList();
    assertEquals(Set.of("base", "one", "two"), Set.copyOf(names));
    ImageFacts two = ImageFacts.of(layout.source("two"));
    assertEquals(2, two.layers().size());
    assertEquals(two.layers().subList(0, 1), ImageFacts.of(layout.source("one")).layers());

    Path ours = directory.resolve("a/b/ours");
    OciLayout copy = OciLayout.create(ours);
    ImageFacts.copy(layout.source("two"), copy.target("v1"));
    assertEquals(two, ImageFacts.of(copy.source("v1")));
    assertEquals(two, ImageFacts.of(copy.source(null)));

    Tools.skopeo("inspect", "oci:" + ours + ":v1");
    Tools.skopeo("copy", "oci:" + ours + ":v1", "dir:" + directory.resolve("dir"));
    Tools.umoci("stat", "--image", ours + ":v1");
    assertEquals(
        layout.find("two").digest(),
        Digest.of(Files.readAllBytes(directory.resolve("dir/manifest.json"))));
  }

  @Test
  void othersChangeItInPlace() throws IOException {
    Path path = directory.resolve("layout");
    OciLayout layout = OciLayout.create(path);
    Path theirs = Tools.layout(directory.resolve("other"));
    Tools.skopeo("copy", "oci:" + theirs + ":two", "oci:" + path + ":skopeo");
    Tools.umoci("config", "--image", path + ":skopeo", "--tag", "umoci", "--config.user", "nobody");
    layout.tag("full.example/name:1", layout.find("umoci"));
    Tools.umoci("rm", "--image", path + ":umoci");
    // Temporary files, the lock and full names such as podman's do not hinder umoci.
    try (BlobWriter writer = layout.writer()) {
      writer.write(bytes("not yet"));
      Tools.umoci("gc", "--layout", path.toString());
      writer.write(bytes(", now"));
      Digest digest = writer.commit();
      assertEquals(Digest.of(bytes("not yet, now")), digest);
      assertTrue(layout.blobs().contains(digest));
      Tools.umoci("gc", "--layout", path.toString());
      assertEquals(-1, layout.size(digest));
    }
    ImageFacts.of(layout.source("full.example/name:1"));
    ImageFacts.of(layout.source("skopeo"));
    assertEquals("skopeo\nfull.example/name:1\n", Tools.umoci("ls", "--layout", path.toString()));
  }

  @Test
  void ofAnIndexWhatOthersWroteStays() throws IOException {
    OciLayout layout = OciLayout.create(directory.resolve("layout"));
    Descriptor first = layout.write(MediaTypes.MANIFEST, bytes("{\"first\":1}"));
    Path index = directory.resolve("layout/index.json");
    Files.writeString(
        index,
        "{\"schemaVersion\":2,\"x\":{\"y\":[1]},\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\""
            + first.digest()
            + "\",\"size\":11,\"z\":true}],\"annotations\":{\"k\":\"v\"}}");
    layout.tag("t", first);
    layout.tag("u", first);
    assertTrue(layout.remove("t"));
    assertFalse(layout.remove("t"));
    String text = Files.readString(index);
    for (String part :
        List.of("\"x\":{\"y\":[1]}", "\"z\":true", "\"annotations\":{\"k\":\"v\"}")) {
      assertTrue(text.contains(part), text);
    }
    assertEquals(2, layout.images().size());
  }

  @Test
  void aNameMovesAndIsThereOnce() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Descriptor first = layout.write(MediaTypes.MANIFEST, bytes("{}"));
    Descriptor second = layout.write(MediaTypes.MANIFEST, bytes("{ }"));
    layout.tag("t", first);
    layout.tag("t", second);
    layout.tag("t", second);
    assertEquals(second.digest(), layout.find("t").digest());
    assertEquals(1, layout.images().size());
    layout.tag(null, first);
    layout.tag(null, first);
    assertEquals(2, layout.images().size());
    assertEquals(first.digest(), layout.find("@1").digest());
    assertTrue(message(() -> layout.find(null)).contains("(t, sha256:"));
    assertTrue(message(() -> layout.find("nothing")).contains("it holds: t, sha256:"));
    assertTrue(message(() -> layout.find("@2")).contains("it holds 2 images"));
    for (String wrong : List.of("", "a b", "\u001b[31m", "@1", "x".repeat(600))) {
      assertTrue(message(() -> layout.tag(wrong, first)).startsWith("not a name"));
    }
  }

  @Test
  void imagesAreFoundByContainerdsAndPodmansNames() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Descriptor first = layout.write(MediaTypes.MANIFEST, bytes("{}"));
    Descriptor second = layout.write(MediaTypes.MANIFEST, bytes("{ }"));
    Descriptor third = layout.write(MediaTypes.MANIFEST, bytes("{  }"));
    String entry =
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"annotations\":{"
            + "\"io.containerd.image.name\":\"docker.io/library/%s:latest\","
            + "\"org.opencontainers.image.ref.name\":\"latest\"}}";
    Files.writeString(
        directory.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":["
            + String.format(entry, MediaTypes.MANIFEST, first.digest(), 2, "foo")
            + ","
            + String.format(entry, MediaTypes.MANIFEST, second.digest(), 3, "bar")
            + "]}");
    layout.tag("localhost/own:2", third);
    assertEquals(first.digest(), layout.find("docker.io/library/foo:latest").digest());
    assertEquals(first.digest(), layout.find("foo").digest());
    assertEquals(second.digest(), layout.find("docker.io/bar:latest").digest());
    assertEquals(third.digest(), layout.find("localhost/own:2").digest());
    String message = message(() -> layout.find("latest"));
    assertTrue(
        message.contains("docker.io/library/foo:latest, docker.io/library/bar:latest"), message);
  }

  @Test
  void contentsThatAreNotWhatWasAnnouncedLeaveNothing() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Descriptor right = Descriptor.of(MediaTypes.LAYER, bytes("right"));
    try (ImageTarget target = layout.target("t")) {
      for (String wrong : List.of("wrong", "righ", "right and more", "")) {
        message(() -> target.put(right, offset -> new ByteArrayInputStream(bytes(wrong))));
      }
      assertThrows(
          IOException.class, () -> target.put(right, offset -> InputStream.nullInputStream()));
      assertEquals(Set.of(), layout.blobs());
      assertEquals(List.of("sha256"), names(directory.resolve("blobs")));
      target.put(right, offset -> new ByteArrayInputStream(bytes("right")));
      assertTrue(target.has(right));
    }
    try (InputStream in = layout.open(right.digest(), 2)) {
      assertEquals("ght", new String(in.readAllBytes(), UTF_8));
    }
    assertEquals(5, layout.size(right.digest()));
    assertTrue(layout.delete(right.digest()));
    assertFalse(layout.delete(right.digest()));
    assertFalse(layout.has(right));
  }

  private static List<String> names(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anImageWithoutItsLayersGetsNoName() throws IOException {
    Path theirs = Tools.layout(directory);
    OciLayout from = OciLayout.open(theirs);
    OciLayout layout = OciLayout.create(directory.resolve("copy"));
    try (ImageTarget target = layout.target("t")) {
      String message = message(() -> target.putManifest(from.source("two").document()));
      assertTrue(message.contains("has no blob sha256:"), message);
    }
    assertEquals(List.of(), layout.images());
  }

  @Test
  void whatIsLeftByTheKilledIsRemovedAndWhatIsInUseIsNot() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Files.writeString(directory.resolve("blobs/.lamina-left"), "left");
    try (BlobWriter writer = layout.writer()) {
      writer.write(1);
      assertEquals(1, layout.removeAbandoned());
      assertEquals(0, layout.removeAbandoned());
      assertEquals(2, names(directory.resolve("blobs")).size());
      writer.commit();
    }
    assertEquals(List.of("sha256"), names(directory.resolve("blobs")));
  }

  @Test
  void abandonedFileThatCannotBeLockedOrRemovedIsAnError() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Path left = Files.writeString(directory.resolve("blobs/.lamina-left"), "left");
    // The first flock is that of the layout; the first two unlinks are those of the root's files.
    try (CallFaults faults = CallFaults.from("flock", 2, Errno.EIO)) {
      String message = message(layout::removeAbandoned);
      assertTrue(message.startsWith("cannot lock " + left + ": "), message);
      assertTrue(faults.haveFailed());
    }
    try (CallFaults faults = CallFaults.from("unlinkat", 3, Errno.EIO)) {
      String message = message(layout::removeAbandoned);
      assertTrue(message.startsWith("cannot remove " + left + ": "), message);
      assertTrue(faults.haveFailed());
    }
    assertEquals(1, layout.removeAbandoned());
  }

  @Test
  void namesOfAllBlobsAreSyncedBeforeAnImageGetsAName() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Descriptor image = layout.write(MediaTypes.MANIFEST, bytes("{}"));
    Path others = Files.createDirectory(directory.resolve("blobs/sha512"));
    // The first fsync is that of the SHA-256 blobs.
    try (CallFaults faults = CallFaults.from("fsync", 2, Errno.EIO)) {
      String message = message(() -> layout.tag("t", image));
      assertTrue(message.startsWith("cannot sync " + others + ": "), message);
      assertTrue(faults.haveFailed());
    }
    assertEquals(List.of(), layout.images());
    layout.tag("t", image);
    assertEquals(image.digest(), layout.find("t").digest());
  }

  @Test
  void whatIsNoLayoutIsRefused() throws IOException {
    assertTrue(message(() -> OciLayout.open(directory.resolve("none"))).contains("no such file"));
    assertTrue(message(() -> OciLayout.open(directory)).contains("not an OCI image layout"));
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("letter"), "");
    assertTrue(message(() -> OciLayout.create(full)).contains("nor an empty directory"));
    assertEquals(List.of("letter"), names(full));

    Path path = directory.resolve("layout");
    OciLayout layout = OciLayout.create(path);
    for (String wrong :
        List.of("", "[]", "{\"imageLayoutVersion\":\"2.0.0\"}", "{\"imageLayoutVersion\":1}")) {
      Files.writeString(path.resolve("oci-layout"), wrong);
      assertTrue(message(() -> OciLayout.open(path)).contains("oci-layout"));
    }
    Files.writeString(path.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        path.resolve("index.json"), "{\"manifests\":[{\"digest\":\"sha256:../../x\"}]}");
    assertTrue(message(layout::images).contains("index.json"));
    Files.writeString(path.resolve("index.json"), " ".repeat(5 << 20));
    assertTrue(message(layout::images).contains("too large"));
  }

  @Test
  void noLinkLeadsOutAndNoFifoStops() throws IOException {
    OciLayout layout = OciLayout.create(directory);
    Path secret = Files.writeString(directory.resolve("blobs/secret"), "{}");
    Descriptor descriptor = Descriptor.of(MediaTypes.MANIFEST, bytes("{}"));
    Path blob = directory.resolve("blobs/sha256").resolve(descriptor.digest().hex());
    Files.createSymbolicLink(blob, secret);
    assertTrue(message(() -> layout.document(descriptor)).contains("symbolic link"));
    layout.delete(descriptor.digest());
    Tools.run("mkfifo", blob.toString());
    assertTrue(message(() -> layout.document(descriptor)).contains("not a regular file"));
    Files.delete(blob);
    Files.delete(directory.resolve("blobs/sha256"));
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.createSymbolicLink(directory.resolve("blobs/sha256"), elsewhere);
    message(() -> layout.write(MediaTypes.MANIFEST, bytes("{}")));
    assertEquals(List.of(), names(elsewhere));
  }
}
