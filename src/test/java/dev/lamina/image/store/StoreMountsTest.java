package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageException;
import dev.lamina.image.store.TestImages.Layer;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Mounts of images keep what they need, and go when nothing of them can be used again. */
class StoreMountsTest extends StoreFixture {
  @Test
  void lookingAtMountsDoesNotKeepThemFromBeingTakenUp() throws Exception {
    MountRecord mount;
    try (Store store = open()) {
      try (MountHold hold =
          store.mounts().make(pull(store, "base"), "m", Path.of("/mnt/m"), null, null, false)) {
        hold.serves();
        mount = hold.mount();
      }
    }
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Future<Void>> lookers = new ArrayList<>();
    try (Store store = open()) {
      for (int i = 0; i < 2; i++) {
        lookers.add(
            threads.submit(
                () -> {
                  while (!ended.get()) {
                    store.mounts().isServed(mount);
                  }
                  return null;
                }));
      }
      for (int i = 0; i < 50; i++) {
        try (MountHold hold = store.mounts().resume(mount, Path.of("/mnt/m"))) {
          assertTrue(store.mounts().isServed(hold.mount()));
        }
      }
      ended.set(true);
      for (Future<Void> looker : lookers) {
        looker.get();
      }
      store.mounts().remove(mount);
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
  }

  @Test
  void mountThatNeverServedIsNotKept() throws IOException {
    try (Store store = open()) {
      StoredImage image = pull(store, "base");
      MountRecord mount;
      try (MountHold hold =
          store.mounts().make(image, null, Path.of("/mnt/m"), null, null, false)) {
        mount = hold.mount();
      }
      // As after Ctrl-C: the next one has the name.
      try (MountHold hold =
          store.mounts().make(image, null, Path.of("/mnt/m"), null, null, false)) {
        assertEquals(mount.name(), hold.mount().name());
        Files.createFile(hold.mount().upper().resolve("written"));
      }
      // That it served was not noted, and it holds something.
      store.garbage().collect(0);
      assertTrue(Files.exists(mount.upper().resolve("written")));
      try (MountHold hold =
          store.mounts().make(image, null, Path.of("/mnt/m"), null, null, false)) {
        assertEquals(mount.name() + "-2", hold.mount().name());
        hold.serves();
      }
      store.garbage().collect(0);
      assertNotNull(store.mounts().find(mount.name() + "-2"), "empty, but it has served");
      store.garbage().collect(0);
    }
  }

  @Test
  void mountThatWasMadeAgainIsNotTakenUpForTheOneBefore() throws IOException {
    try (Store store = open()) {
      try (MountHold hold =
          store.mounts().make(pull(store, "base"), "m", Path.of("/mnt/m"), null, null, false)) {
        hold.serves();
      }
      MountRecord before = store.mounts().find("m");
      store.mounts().remove(before);
      store.mounts().remove(before);
      try (MountHold hold =
          store.mounts().make(pull(store, "both"), "m", Path.of("/mnt/m"), null, null, false)) {
        hold.serves();
      }
      assertThrows(ImageException.class, () -> store.mounts().resume(before, Path.of("/mnt/m")));
      assertEquals(2, store.trees().layers(store.images().of(store.mounts().find("m"))).size());
    }
  }

  @Test
  void mountsKeepTheirLayersAndTheirImage() throws IOException {
    MountRecord mount;
    try (Store store = open()) {
      StoredImage image = pull(store, "both");
      try (MountHold hold =
          store.mounts().make(image, "web", Path.of("/mnt/x"), null, null, false)) {
        hold.serves();
        mount = hold.mount();
        assertTrue(store.mounts().isServed(mount));
        assertThrows(ImageException.class, () -> store.mounts().remove(mount));
        assertThrows(
            ImageException.class,
            () -> store.mounts().make(image, "web", Path.of("/mnt/y"), null, null, false));
      }
      store.images().remove("both");
    }
    try (Store store = open()) {
      store.garbage().collect(0);
      assertFalse(store.mounts().isServed(mount));
      assertEquals(3, store.trees().of(mount).size(), "and one for the root's attributes");
      assertEquals(2, store.images().of(mount).manifest().layers().size());
      assertEquals(mount, store.mounts().find("web"));
      assertEquals(mount, store.mounts().find("/mnt/x"));
      store.mounts().remove(mount);
      store.garbage().collect(0);
      assertNull(store.mounts().find("web"));
    }
    assertEquals(List.of(), contents());
  }

  @Test
  void rootDirectoryOfAMountIsAsTheImageHasIt() throws IOException {
    Layer odd =
        images.layer(
            new RawTar().mode(01750).owner(5, 6).time(1_234).directory("./").end().bytes());
    images.image("odd", List.of(odd, top));
    try (Store store = open();
        MountHold hold =
            store.mounts().make(pull(store, "odd"), null, Path.of("/a b"), null, null, false)) {
      assertEquals("a-b", hold.mount().name());
      Tree upper = new Tree(hold.mount().upper());
      assertEquals(01750, upper.stat("").mode & 07777);
      assertEquals(5, upper.stat("").uid);
      assertEquals(1_234, upper.stat("").mtimeSeconds);
    }
  }
}
