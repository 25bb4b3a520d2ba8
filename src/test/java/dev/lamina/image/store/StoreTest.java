package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.LayerCompression;
import dev.lamina.image.layout.OciLayout;
import dev.lamina.image.store.TestImages.Layer;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What comes into the store is whole, stays while it is needed, and goes when it is not. */
class StoreTest extends StoreFixture {
  @Test
  void imageIsUnpackedOnceAndFoundByItsNames() throws IOException {
    AtomicInteger moved = new AtomicInteger();
    Progress progress =
        new Progress() {
          @Override
          public void reached(Descriptor descriptor, long position) {
            moved.incrementAndGet();
          }
        };
    try (Store store = open(progress)) {
      StoredImage image = pull(store, "both");
      assertEquals(List.of("both:latest"), image.names());
      assertEquals(List.of(top.diffId(), base.diffId()), image.layersTopmostFirst());
      List<Path> trees = store.trees().layers(image);
      assertEquals("t", new Tree(trees.get(0)).read("top"));
      assertEquals("b", new Tree(trees.get(1)).read("base"));
      assertTrue(moved.get() > 0);
      moved.set(0);
      pull(store, "both");
      assertEquals(0, moved.get(), "it was there");
      pull(store, "other");
      assertEquals(3, store.images().all().stream().mapToInt(i -> i.names().size()).sum() + 1);
      for (String name :
          List.of(
              "both",
              "both:latest",
              "docker.io/library/both",
              image.id().toString(),
              image.id().abbreviated(),
              image.descriptor().digest().hex())) {
        assertEquals(image.id(), store.images().get(name).id(), name);
      }
      assertThrows(ImageException.class, () -> store.images().get("both:other"));
      assertNull(store.images().find("nothing"));
    }
    assertTrue(contents().stream().noneMatch(path -> path.startsWith("tmp/")));
    assertTrue(contents().stream().noneMatch(path -> path.startsWith("leases/")));
  }

  /** Nothing of an image that is wrong stays. */
  private void refuse(String name, String message) throws IOException {
    List<String> before;
    try (Store store = open()) {
      assertEquals(List.of(), store.images().all());
    }
    before = contents();
    try (Store store = open()) {
      ImageException refused = assertThrows(ImageException.class, () -> pull(store, name));
      assertTrue(refused.getMessage().contains(message), refused.getMessage());
      assertEquals(List.of(), store.images().all());
    }
    assertEquals(before, contents());
  }

  @Test
  void wrongDiffIdIsRefused() throws IOException {
    images.image("wrong", List.of(base.blob()), List.of(top.diffId()));
    refuse("wrong", "layer " + top.diffId() + ": its contents have the diff ID " + base.diffId());
  }

  @Test
  void wrongDigestIsRefused() throws IOException {
    images.image("wrong", List.of(base));
    damage(images.layout().place(base.blob().digest()), 10);
    refuse("wrong", "the content of " + base.blob().digest() + " is wrong");
  }

  private static void damage(Path blob, int fromEnd) throws IOException {
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length - fromEnd] ^= 1;
    Files.write(blob, bytes);
  }

  @Test
  void shorterBlobIsRefused() throws IOException {
    images.image("wrong", List.of(base));
    Path blob = images.layout().place(base.blob().digest());
    Files.write(blob, Arrays.copyOf(Files.readAllBytes(blob), (int) base.blob().size() - 20));
    refuse("wrong", base.blob().digest().toString());
  }

  @Test
  void otherDataThanAnArchiveIsRefused() throws IOException {
    byte[] text = "no archive".repeat(100).getBytes(StandardCharsets.UTF_8);
    Descriptor blob = images.layout().write(MediaTypes.LAYER_GZIP, text);
    images.image("wrong", List.of(blob), List.of(Digest.of(text)));
    refuse("wrong", "layer " + Digest.of(text) + ": the archive is damaged");
  }

  @Test
  void hostileLayerIsRefused() throws IOException {
    Layer hostile = images.layer(new RawTar().file("../../../escaped", "x").end().bytes());
    images.image("wrong", List.of(base, hostile));
    try (Store store = open()) {
      ImageException refused = assertThrows(ImageException.class, () -> pull(store, "wrong"));
      assertEquals(
          "layer "
              + hostile.diffId()
              + ": the path ../../../escaped leads out of the layer (\"..\")",
          refused.getMessage());
      assertNull(store.trees().layer(hostile.diffId()));
      assertEquals(List.of(), store.images().all());
      // What was right of it is not of an image: the next collection takes it.
      store.garbage().collect(0);
    }
    assertEquals(List.of(), contents());
    assertFalse(Files.exists(sandbox.root().resolve("escaped")));
  }

  @Test
  void otherNumberOfDiffIdsIsRefused() throws IOException {
    images.image("wrong", List.of(base.blob(), top.blob()), List.of(base.diffId()));
    refuse("wrong", "the image's manifest has 2 layers, its configuration 1");
  }

  @Test
  void damagedBlobInTheStoreIsFoundAndRemoved() throws IOException {
    try (Store store = open()) {
      StoredImage image = pull(store, "base");
      Path blob = root.resolve("images/blobs/sha256/" + base.blob().digest().hex());
      damage(blob, 10);
      discardLayer(base);
      ImageException found = assertThrows(ImageException.class, () -> store.trees().layers(image));
      assertTrue(found.getMessage().contains("no intact blob"), found.getMessage());
      assertFalse(Files.exists(blob));
      pull(store, "base");
      assertEquals(1, store.trees().layers(image).size());
    }
  }

  @Test
  void damagedBlobIsMendedByPullingAgain() throws IOException {
    try (Store store = open()) {
      StoredImage image = pull(store, "base");
      Path blob = root.resolve("images/blobs/sha256/" + base.blob().digest().hex());
      byte[] whole = Files.readAllBytes(blob);
      // Within the header, so that it cannot be decompressed either; and at the end, so that it
      // can.
      for (int place : new int[] {1, whole.length - 1}) {
        damage(blob, place);
        discardLayer(base);
        pull(store, "base");
        assertArrayEquals(whole, Files.readAllBytes(blob));
        assertEquals(1, store.trees().layers(image).size());
      }
    }
  }

  @Test
  void imageUnderAnIndexIsRemovedByItsId() throws IOException {
    StoredImage image;
    try (Store store = open()) {
      image = pull(store, "both");
      store.images().remove("both");
      store.garbage().collect(0);
    }
    // As skopeo copies all platforms into the store.
    OciLayout own = OciLayout.open(root.resolve("images"));
    try (ImageSource source = images.layout().source("both")) {
      for (Descriptor blob : List.of(base.blob(), top.blob(), image.manifest().config())) {
        try (InputStream in = source.open(blob, 0)) {
          own.write(blob.mediaType(), in.readAllBytes());
        }
      }
      own.write(image.descriptor().mediaType(), source.document().bytes());
    }
    byte[] index =
        ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                + "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"digest\":\""
                + image.descriptor().digest()
                + "\",\"size\":"
                + image.descriptor().size()
                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\""
                + Platform.host().architecture()
                + "\"}}]}")
            .getBytes(StandardCharsets.ISO_8859_1);
    own.tag("several:latest", own.write(MediaTypes.INDEX, index));
    try (Store store = open()) {
      assertEquals(List.of("several:latest"), store.images().get("several").names());
      assertEquals(List.of("several:latest"), store.images().get(image.id().hex()).names());
      store.trees().layers(store.images().get("several"));
      assertEquals(image.id(), store.images().get(image.descriptor().digest().toString()).id());
      assertEquals(
          List.of("several:latest", image.descriptor().digest().toString()),
          store.images().remove(image.id().hex()));
      assertEquals(List.of(), store.images().all());
    }
    assertEquals(List.of(), contents());
  }

  private void discardLayer(Layer layer) throws IOException {
    try (Discarded discarded = new Discarded(new StorePaths(root))) {
      discarded.add(new StorePaths(root).layer(layer.diffId()));
    }
  }

  @Test
  void opaqueRootHidesTheLayersBelow() throws IOException {
    Layer opaque = images.layer(new RawTar().file(".wh..wh..opq", "").file("x", "").end().bytes());
    images.image("opaque", List.of(base, opaque));
    try (Store store = open()) {
      assertEquals(1, store.trees().layers(pull(store, "opaque")).size());
    }
  }

  @Test
  void garbageIsWhatNothingNeeds() throws IOException {
    try (Store store = open()) {
      pull(store, "both");
      pull(store, "other");
      assertEquals(List.of("both:latest"), store.images().remove("both").subList(0, 1));
      assertNull(store.trees().layer(top.diffId()));
      assertNotNull(store.trees().layer(base.diffId()), "of the other image, too");
      assertEquals(1, store.images().all().size());
      Garbage.Freed freed = store.garbage().collect(0);
      assertEquals(new Garbage.Freed(0, 0, 0), freed);
      store.trees().of(store.images().get("other"));
    }
    try (Store store = open()) {
      store.images().remove("other");
      store.garbage().collect(0);
    }
    assertEquals(List.of(), contents());
  }

  @Test
  void newLayerThatIsNotFinishedLeavesNothing() throws IOException {
    try (Store store = open()) {
      try (NewLayer layer = store.images().newLayer(LayerCompression.GZIP)) {
        layer.tar().write(new RawTar().file("half", "").bytes());
      }
      store.garbage().collect(0);
    }
    assertEquals(List.of(), contents());
  }

  @Test
  void manyAtOnceShareTheWorkAndLoseNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    AtomicInteger received = new AtomicInteger();
    Progress progress =
        new Progress() {
          @Override
          public void reached(Descriptor descriptor, long position) {
            if (position == descriptor.size()) {
              received.incrementAndGet();
            }
          }
        };
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        String name = List.of("both", "base", "other").get(i % 3);
        boolean collects = i % 4 == 3;
        tasks.add(
            () -> {
              try (Store store = open(progress)) {
                store.trees().of(pull(store, name));
                if (collects) {
                  store.garbage().collect(0);
                }
              }
              return null;
            });
      }
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(3, received.get(), "each layer once");
    try (Store store = open()) {
      for (String name : List.of("both", "base", "other")) {
        assertEquals(
            2,
            store.trees().layers(store.images().get(name)).size() + (name.equals("base") ? 1 : 0));
      }
    }
  }
}
