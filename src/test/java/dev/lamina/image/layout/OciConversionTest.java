package dev.lamina.image.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.Index;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OciConversionTest {
  private static Descriptor of(String type) {
    return Descriptor.of(type, "contents".getBytes(UTF_8));
  }

  @Test
  void onlyMediaTypesBecomeOthers() throws ImageException {
    String foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    Manifest docker =
        new Manifest(
            MediaTypes.DOCKER_MANIFEST,
            of(MediaTypes.DOCKER_CONFIG),
            List.of(
                of(MediaTypes.DOCKER_LAYER),
                of(MediaTypes.DOCKER_LAYER_GZIP),
                of(MediaTypes.DOCKER_LAYER + ".zstd"),
                of(foreign)),
            Map.of("a", "b"));
    Manifest oci =
        new Manifest(
            MediaTypes.MANIFEST,
            of(MediaTypes.CONFIG),
            List.of(
                of(MediaTypes.LAYER),
                of(MediaTypes.LAYER_GZIP),
                of(MediaTypes.LAYER_ZSTD),
                of("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")),
            Map.of("a", "b"));
    assertEquals(
        oci, OciConversion.of(new Document(MediaTypes.DOCKER_MANIFEST, docker.bytes())).manifest());
    Document same = new Document("", oci.bytes());
    assertSame(same, OciConversion.of(same));
    Document index = new Document("", new Index(List.of()).bytes());
    assertSame(index, OciConversion.of(index));
    Document list = new Document("", new Index(MediaTypes.DOCKER_INDEX, List.of()).bytes());
    assertThrows(ImageException.class, () -> OciConversion.of(list));
  }
}
