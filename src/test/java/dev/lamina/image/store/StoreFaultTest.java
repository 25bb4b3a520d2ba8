package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A part of the store that cannot be read is not an empty one. A symbolic link to itself stands in
 * its place (ELOOP), as root may read everything else.
 */
class StoreFaultTest {
  private Sandbox sandbox;
  private Path root;
  private TestImages images;

  @BeforeEach
  void makeImage() throws IOException {
    sandbox = new Sandbox();
    root = sandbox.root().resolve("store");
    images = new TestImages(sandbox.root().resolve("layout"));
    images.image(
        "base", List.of(images.layer(new RawTar().file("base", "contents").end().bytes())));
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  private Store open() throws IOException {
    return Store.open(root, UnpackLimits.DEFAULT, Progress.NONE);
  }

  private StoredImage pull(Store store) throws IOException {
    try (ImageSource source = images.layout().source("base")) {
      return store.images().pull(source, Platform.host(), "base");
    }
  }

  /** Runs something while a part of the store cannot be read. */
  private void without(String part, Runnable work) throws IOException {
    Path place = root.resolve(part);
    Path aside = root.resolve("aside");
    Files.move(place, aside);
    Files.createSymbolicLink(place, place);
    try {
      work.run();
    } finally {
      Files.delete(place);
      Files.move(aside, place);
    }
  }

  /** Tries to collect, with the image's name gone, while a part cannot be read; then with all. */
  private void collect(String part, List<Path> trees) throws IOException {
    try (Store collector = open()) {
      without(part, () -> assertThrows(IOException.class, () -> collector.garbage().collect(0)));
      assertTrue(Files.isDirectory(trees.get(0)), "the layer is still there");
      collector.garbage().collect(0);
      assertTrue(Files.isDirectory(trees.get(0)), "it is needed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mounts", "leases", "layers", "tmp"})
  void collectionRemovesNothingThatAMountNeeds(String part) throws IOException {
    List<Path> trees;
    try (Store store = open()) {
      StoredImage image = pull(store);
      trees = store.trees().of(image);
      try (MountHold hold = store.mounts().make(image, "m", Path.of("/mnt/m"), null, null, false)) {
        hold.serves();
      }
      store.images().remove("base");
    }
    collect(part, trees);
  }

  @ParameterizedTest
  @ValueSource(strings = {"leases", "layers", "tmp"})
  void collectionRemovesNothingThatAProcessNeeds(String part) throws IOException {
    try (Store user = open()) {
      List<Path> trees = user.trees().of(pull(user));
      try (Store other = open()) {
        other.images().remove("base");
      }
      collect(part, trees);
    }
  }

  /** Its layers are known from its configuration alone. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void collectionRemovesNoLayersOfAnImageWhoseConfigurationIsDamaged(boolean hasName)
      throws IOException {
    StoredImage image;
    Path layer;
    try (Store store = open();
        ImageSource source = images.layout().source("base")) {
      image = store.images().pull(source, Platform.host(), hasName ? "base" : null);
      layer = store.trees().layers(image).get(0);
    }
    Path config = root.resolve("images/blobs/sha256").resolve(image.id().hex());
    byte[] whole = Files.readAllBytes(config);
    for (int damaged : new int[] {0, whole.length - 2}) {
      byte[] bytes = whole.clone();
      bytes[damaged] ^= 1;
      Files.write(config, bytes);
      try (Store store = open()) {
        IOException refused = assertThrows(IOException.class, () -> store.garbage().collect(0));
        assertTrue(refused.getMessage().contains("lamina rmi "), refused.getMessage());
        assertTrue(Files.isDirectory(layer));
      }
    }
    try (Store store = open()) {
      store.images().remove(hasName ? "base" : image.descriptor().digest().toString());
      assertEquals(1, store.garbage().collect(0).layers());
    }
  }

  @Test
  void lockWhoseFileCannotBeLookedAtIsNotTriedForEver() throws IOException {
    Files.createDirectories(root);
    Path lock = root.resolve("lock");
    Files.createSymbolicLink(lock, lock);
    assertThrows(IOException.class, () -> FileLock.exclusive(lock));
  }

  @Test
  void abandonedRunPlacesThatCannotBeListedAreAnError() throws IOException {
    try (Store store = open()) {
      store.runs().make("m", false).close();
      without("run", () -> assertThrows(IOException.class, store.runs()::abandoned));
      List<RunPlace> abandoned = store.runs().abandoned();
      assertEquals(1, abandoned.size());
      assertTrue(store.runs().end(abandoned.get(0), false));
    }
  }
}
