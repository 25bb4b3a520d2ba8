package dev.lamina.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Index;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.layout.LayoutMarker;
import dev.lamina.image.layout.LayoutSource;
import dev.lamina.image.tar.TestTar;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that were made to do harm, or were damaged on a disk or in transfer. */
@Tag("slow")
@Tag("one-jdk")
class HostileArchiveTest {
  private static final String INDEX = new String(new Index(List.of()).bytes(), UTF_8);

  @TempDir Path directory;

  private TestTar layout() throws IOException {
    return new TestTar().file("oci-layout", LayoutMarker.bytes()).file("index.json", INDEX);
  }

  private String failure(byte[] tar) throws IOException {
    return failureOf(Files.write(directory.resolve("archive"), tar));
  }

  private String failureOf(Path file) {
    String message =
        assertThrows(ImageException.class, () -> OciArchive.open(file, directory).close())
            .getMessage();
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.length() < 1000, message);
    return message;
  }

  @Test
  void namesThatLeadOutAreRefused() throws IOException {
    for (String name : List.of("../x", "a/../../x", "/../x", "blobs/..")) {
      assertTrue(failure(layout().file(name, "x").finished()).contains("leads out"));
      assertTrue(failure(layout().hardLink("link", name).finished()).contains("leads out"));
    }
    for (String target : List.of("/etc/passwd", "../x", "a/../../x")) {
      assertTrue(failure(layout().symlink("link", target).finished()).contains("leads out"));
    }
  }

  @Test
  void linksThatLeadRoundEnd() throws IOException {
    TestTar tar =
        new TestTar()
            .symlink("oci-layout", "other")
            .symlink("other", "./oci-layout")
            .file("index.json", INDEX);
    assertTrue(failure(tar.finished()).contains("cycle"));
    tar = new TestTar().symlink("oci-layout", "oci-layout").file("index.json", INDEX);
    assertTrue(failure(tar.finished()).contains("cycle"));
    tar = new TestTar().symlink("oci-layout", "nowhere").file("index.json", INDEX);
    assertTrue(failure(tar.finished()).contains("not an OCI image layout"));
  }

  @Test
  void documentsThatAreThereTwiceAreRefused() throws IOException {
    for (String name : List.of("index.json", "./index.json", "oci-layout")) {
      assertTrue(failure(layout().file(name, "{}").finished()).contains("more than once"));
    }
    TestTar tar = layout().symlink("index.json", "other").file("other", INDEX);
    assertTrue(failure(tar.finished()).contains("more than once"));
  }

  /** Two members named by the same digest are equal, or one of them fails verification. */
  @Test
  void ofContentsThatAreThereTwiceTheLastIsRead() throws IOException {
    byte[] manifest = "{}".getBytes(UTF_8);
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    Path file = directory.resolve("archive");
    new TestTar()
        .file("oci-layout", LayoutMarker.bytes())
        .file("index.json", new Index(List.of(image)).bytes())
        .file(LayoutSource.path(image.digest()), "[]")
        .file(LayoutSource.path(image.digest()), manifest)
        .write(file);
    try (OciArchive archive = OciArchive.open(file, directory);
        InputStream in = archive.source(0).open(image, 0)) {
      assertEquals("{}", new String(in.readAllBytes(), UTF_8));
    }
  }

  @Test
  void sizesThatCannotBeAreRefused() throws IOException {
    for (long size : new long[] {1000, 1L << 33, 1L << 62, Long.MAX_VALUE}) {
      byte[] tar = layout().raw("blobs/x", TarConstants.LF_NORMAL, size).unfinished();
      assertTrue(failure(tar).contains("truncated"));
    }
    byte[] negative = layout().raw("blobs/x", TarConstants.LF_NORMAL, 0).unfinished();
    int size = negative.length - 512 + 124;
    Arrays.fill(negative, size, size + 12, (byte) 0xff);
    fixChecksum(negative, negative.length - 512);
    failure(negative);
  }

  private static void fixChecksum(byte[] tar, int header) {
    Arrays.fill(tar, header + 148, header + 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += tar[header + i] & 0xff;
    }
    System.arraycopy(String.format("%06o\0", sum).getBytes(UTF_8), 0, tar, header + 148, 7);
  }

  @Test
  void whatEndsTooEarlyIsRefused() throws IOException {
    byte[] tar = layout().file("blobs/x", "x".repeat(5000)).finished();
    // The end of a tar may be missing, but no part of its members.
    int ends = 2 * 1024 + 512 + 5120;
    for (int length = 100; length < ends; length += 250) {
      failure(Arrays.copyOf(tar, length));
    }
    Path file = Files.write(directory.resolve("archive"), Arrays.copyOf(tar, ends));
    OciArchive.open(file, directory).close();
    failure(new byte[0]);
  }

  @Test
  void whatIsNoArchiveIsRefused() throws IOException {
    byte[] noise = new byte[100_000];
    new Random(5).nextBytes(noise);
    failure(noise);
    assertTrue(failure("plain text\n".repeat(1000).getBytes(UTF_8)).contains("not a tar"));
    assertTrue(failure(new byte[10_240]).contains("not an OCI image layout"));
    byte[] followed = layout().bytes(new byte[512]).file("x", "y").finished();
    assertTrue(failure(followed).contains("follows the end"));
    byte[] filled = layout().raw("d/", TarConstants.LF_DIR, 512).bytes(new byte[512]).finished();
    assertTrue(failure(filled).contains("has data"));
    assertTrue(
        failure(new TestTar().file("manifest.json", "[]").finished()).contains("docker-archive:"));
    assertTrue(failureOf(directory).contains("directory"));
    assertTrue(failureOf(directory.resolve("none")).contains("no such file"));
    byte[] tar = layout().finished();
    tar[1024 + 5] ^= 1;
    assertTrue(failure(tar).contains("checksum"));
  }

  @Test
  void otherThingsThanFilesAreRefused() throws IOException {
    for (byte type : new byte[] {TarConstants.LF_FIFO, TarConstants.LF_CHR, TarConstants.LF_BLK}) {
      assertTrue(failure(layout().raw("x", type, 0).finished()).contains("neither a file"));
    }
    Path sparse = Files.createDirectory(directory.resolve("d")).resolve("index.json");
    try (var file =
        Files.newByteChannel(
            sparse,
            java.util.Set.of(
                java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE))) {
      file.position(1 << 20).write(java.nio.ByteBuffer.wrap(new byte[] {1}));
    }
    for (String format : List.of("gnu", "posix")) {
      String tar = directory.resolve("sparse").toString();
      Tools.run(
          "tar",
          "--sparse",
          "--format",
          format,
          "-cf",
          tar,
          "-C",
          sparse.getParent().toString(),
          ".");
      assertTrue(failureOf(Path.of(tar)).contains("--sparse"));
    }
  }

  @Test
  void headersWithoutEndAreRefused() throws IOException {
    for (byte type :
        new byte[] {
          TarConstants.LF_GNUTYPE_LONGNAME,
          TarConstants.LF_GNUTYPE_LONGLINK,
          TarConstants.LF_PAX_EXTENDED_HEADER_LC,
          TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER
        }) {
      Path file = directory.resolve("archive");
      byte[] chunk = new byte[1 << 20];
      Arrays.fill(chunk, (byte) '1');
      int size = 100 << 20;
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        out.write(layout().raw("x", type, size).unfinished());
        for (int i = 0; i < size; i += chunk.length) {
          out.write(chunk);
        }
        out.write(new byte[10_240]);
      }
      failureOf(file);
    }
    // Each of these headers must be followed by another one.
    TestTar tar = layout();
    for (int i = 0; i < 20_000; i++) {
      tar.raw("x", TarConstants.LF_GNUTYPE_LONGNAME, 0);
    }
    assertTrue(failure(tar.finished()).contains("header"));
  }

  @Test
  void membersWithoutEndAreRefused() throws IOException {
    Path file = directory.resolve("archive");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i <= 200_000; i++) {
        out.write(new TestTar().raw("m" + i, TarConstants.LF_NORMAL, 0).unfinished());
      }
    }
    assertTrue(failureOf(file).contains("more members"));
  }

  /** A link has no data, whatever size its header gives; the next header follows it. */
  @Test
  void theDataOfLinksAreNone() throws IOException {
    Path file = directory.resolve("archive");
    Files.write(
        file,
        new TestTar()
            .raw("link", TarConstants.LF_LINK, 1 << 30)
            .bytes(layout().finished())
            .unfinished());
    OciArchive.open(file, directory).close();
  }

  @Test
  void imagesWithoutEndAreListedInPart() throws IOException {
    StringBuilder manifests = new StringBuilder("{\"schemaVersion\":2,\"manifests\":[");
    for (int i = 0; i < 10_000; i++) {
      Descriptor image = Descriptor.of(MediaTypes.MANIFEST, Integer.toString(i).getBytes(UTF_8));
      manifests
          .append(i == 0 ? "" : ",")
          .append(image.withAnnotations(Map.of(Descriptor.REF_NAME, "t" + i)).json());
    }
    Path file = directory.resolve("archive");
    new TestTar()
        .file("oci-layout", LayoutMarker.bytes())
        .file("index.json", manifests + "]}")
        .write(file);
    try (OciArchive archive = OciArchive.open(file, directory)) {
      String message =
          assertThrows(ImageException.class, () -> archive.source((String) null)).getMessage();
      assertTrue(message.contains("and 9980 more") && message.length() < 1000, message);
    }
    new TestTar()
        .file("oci-layout", LayoutMarker.bytes())
        .file("index.json", "{\"a\":" + "[".repeat(100_000))
        .write(file);
    failureOf(file);
  }

  @Test
  void whatUnpacksWithoutEndIsRefused() throws IOException {
    Path file = directory.resolve("bomb");
    byte[] zeros = new byte[1 << 20];
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 300; i++) {
        out.write(zeros);
      }
    }
    assertTrue(failureOf(file).contains("500 times"));
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void compressedAndCutOffIsRefused() throws IOException {
    Path whole = directory.resolve("whole");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
      out.write(layout().file("noise", Digest.of(new byte[0]).hex()).finished());
    }
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 6; length < bytes.length; length += 20) {
      assertTrue(failure(Arrays.copyOf(bytes, length)).contains("truncated"));
    }
  }
}
