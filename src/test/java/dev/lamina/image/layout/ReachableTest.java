package dev.lamina.image.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Index;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReachableTest {
  @TempDir Path directory;

  private OciLayout layout;

  @BeforeEach
  void create() throws IOException {
    layout = OciLayout.create(directory);
  }

  private static Descriptor absent(String type, String text) {
    return Descriptor.of(type, text.getBytes(UTF_8));
  }

  private Descriptor write(String type, byte[] bytes) throws IOException {
    return layout.write(type, bytes);
  }

  @Test
  void isEverythingBelowAnIndex() throws IOException {
    Descriptor config = absent(MediaTypes.CONFIG, "config");
    Descriptor layer = absent(MediaTypes.LAYER, "layer");
    Manifest manifest = new Manifest(config, List.of(layer));
    Descriptor here = write(MediaTypes.MANIFEST, manifest.bytes());
    Descriptor elsewhere = absent(MediaTypes.MANIFEST, "of a platform that was not copied");
    Descriptor inner = write(MediaTypes.INDEX, new Index(List.of(here, elsewhere)).bytes());
    Descriptor root = write(MediaTypes.INDEX, new Index(List.of(inner, here)).bytes());
    Set<Digest> all = new HashSet<>();
    List.of(root, inner, here, elsewhere, config, layer).forEach(each -> all.add(each.digest()));
    assertEquals(all, layout.walk(root));
    assertEquals(Set.of(layer.digest()), layout.walk(layer));
  }

  @Test
  void whatOnlyOthersKnowBelongsToIt() throws IOException {
    Descriptor subject = absent(MediaTypes.MANIFEST, "subject");
    Descriptor blob = absent("application/x", "blob");
    String text =
        "{\"subject\":" + subject.json() + ",\"blobs\":[" + blob.json() + "],\"config\":{}}";
    Descriptor root = write("application/vnd.oci.artifact.manifest.v1+json", text.getBytes(UTF_8));
    assertEquals(Set.of(root.digest(), subject.digest(), blob.digest()), layout.walk(root));
  }

  @Test
  void depthAndNumberAreBounded() throws IOException {
    Descriptor deep = write(MediaTypes.INDEX, new Index(List.of()).bytes());
    for (int i = 0; i < 20; i++) {
      deep = write(MediaTypes.INDEX, new Index(List.of(deep)).bytes());
    }
    assertTrue(failure(deep).contains("deep"));

    List<Descriptor> indexes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      List<Descriptor> many = new ArrayList<>();
      for (int j = 0; j < 25_000; j++) {
        many.add(absent(MediaTypes.LAYER, i + " " + j));
      }
      indexes.add(write(MediaTypes.INDEX, new Index(many).bytes()));
    }
    assertTrue(failure(write(MediaTypes.INDEX, new Index(indexes).bytes())).contains("parts"));
  }

  @Test
  void aDamagedDocumentIsAnErrorAndNotTheEnd() throws IOException {
    Descriptor root = write(MediaTypes.INDEX, new Index(List.of()).bytes());
    Files.writeString(directory.resolve(LayoutSource.path(root.digest())), "{}");
    assertTrue(failure(root).contains(root.digest().hex()));
  }

  private String failure(Descriptor root) {
    return assertThrows(ImageException.class, () -> layout.walk(root)).getMessage();
  }
}
