package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is left of a run when it ends. */
class RunPlacesTest {
  private Sandbox sandbox;
  private Store store;
  private StoredImage image;

  @BeforeEach
  void makeStore() throws IOException {
    sandbox = new Sandbox();
    TestImages images = new TestImages(sandbox.root().resolve("layout"));
    byte[] layer = new RawTar().mode(0755).directory("./").file("file", "f").end().bytes();
    images.image("image", List.of(images.layer(layer)));
    store = Store.open(sandbox.root().resolve("store"), UnpackLimits.DEFAULT, Progress.NONE);
    try (ImageSource source = images.layout().source("image")) {
      image = store.pull(source, Platform.host(), "image");
    }
  }

  @AfterEach
  void cleanUp() throws IOException {
    store.close();
    sandbox.close();
  }

  private MountHold mount(String name, Path place) throws IOException {
    return store.mount(image, name, place, null, null, false);
  }

  /** Whoever collects what killed runs have left does not wait for what others still use. */
  @Test
  void aMountThatWasDetachedBeforeIsNotWaitedFor() throws IOException {
    RunPlace place = store.newRunPlace("web", true);
    try (MountHold hold = mount("web", place.directory())) {
      // Waiting would end with an exception.
      Thread.currentThread().interrupt();
      assertFalse(store.end(place, false));
      assertTrue(Thread.interrupted());
      assertNotNull(store.findMount("web"), hold.mount().name());
    }
    List<RunPlace> left = store.abandonedRunPlaces();
    assertEquals(1, left.size());
    assertTrue(store.end(left.get(0), false));
    assertNull(store.findMount("web"));
    assertEquals(List.of(), store.abandonedRunPlaces());
  }
}
