package dev.lamina.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.Index;
import dev.lamina.image.Json;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Platform;
import dev.lamina.image.layout.OciLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** It is known of every image what it needs, whatever else is in the store. */
class StorePartsTest extends StoreFixture {
  private static final Garbage.Freed NOTHING = new Garbage.Freed(0, 0, 0);

  private OciLayout own;
  private Digest baseManifest;

  @BeforeEach
  void pullBase() throws IOException {
    try (Store store = open()) {
      StoredImage image = pull(store, "base");
      store.trees().of(image);
      baseManifest = image.descriptor().digest();
    }
    own = OciLayout.open(root.resolve("images"));
  }

  private Descriptor manifest(Descriptor config, Descriptor... layers) throws IOException {
    return own.write(MediaTypes.MANIFEST, new Manifest(config, List.of(layers)).bytes());
  }

  private Descriptor config() throws IOException {
    return own.write(MediaTypes.CONFIG, ImageConfig.empty(Platform.host()).bytes());
  }

  private void assertNothingIsGarbage() throws IOException {
    try (Store store = open()) {
      assertEquals(NOTHING, store.garbage().collect(0));
      assertNotNull(store.trees().layer(base.diffId()));
    }
  }

  @Test
  void layerThatLooksLikeAManifestIsNone() throws IOException {
    Descriptor wrong = new Descriptor(MediaTypes.CONFIG, base.blob().digest(), 1);
    byte[] layer = ("{\"config\":" + wrong.json() + "}").getBytes(UTF_8);
    own.tag("json:latest", manifest(config(), own.write(MediaTypes.LAYER, layer)));
    assertNothingIsGarbage();
  }

  @Test
  void configurationOfAnotherKindIsNotAnImages() throws IOException {
    Descriptor large = own.write("application/x", new byte[Json.LONGEST + 1]);
    own.tag("large:latest", manifest(large));
    own.tag("text:latest", manifest(own.write("text/plain", "text".getBytes(UTF_8))));
    assertNothingIsGarbage();
  }

  @Test
  void damagedConfigurationOfAnImageEndsTheCollection() throws IOException {
    Descriptor config = config();
    Descriptor inner = manifest(config);
    own.tag("bad:latest", own.write(MediaTypes.INDEX, new Index(List.of(inner)).bytes()));
    Files.writeString(own.place(config.digest()), "{}");
    try (Store store = open()) {
      ImageException e = assertThrows(ImageException.class, () -> store.garbage().collect(0));
      assertTrue(e.getMessage().contains("the image bad:latest "), e.getMessage());
      assertTrue(e.getMessage().contains(config.digest().hex()), e.getMessage());
    }
  }

  private Descriptor indexOfBase() throws IOException {
    Descriptor inner = new Descriptor(MediaTypes.MANIFEST, baseManifest, own.size(baseManifest));
    Descriptor index = own.write(MediaTypes.INDEX, new Index(List.of(inner)).bytes());
    own.tag("one:latest", index);
    own.tag("two:latest", index);
    return index;
  }

  @Test
  void readableIndexIsNotRemovedByItsDigest() throws IOException {
    String digest = indexOfBase().digest().toString();
    try (Store store = open()) {
      ImageException e = assertThrows(ImageException.class, () -> store.images().remove(digest));
      assertTrue(e.getMessage().startsWith("there is no image"), e.getMessage());
      assertNotNull(store.images().find("one"));
      assertNotNull(store.images().find("two"));
    }
  }

  @Test
  void unreadableIndexIsRemovedByItsDigest() throws IOException {
    Descriptor index = indexOfBase();
    Files.writeString(own.place(index.digest()), "{}");
    String digest = index.digest().toString();
    try (Store store = open()) {
      assertEquals(List.of(digest), store.images().remove(digest));
      assertEquals(1, own.images().size());
    }
  }
}
