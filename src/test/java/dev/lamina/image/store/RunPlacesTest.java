package dev.lamina.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.tar.RawTar;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
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
      image = store.images().pull(source, Platform.host(), "image");
    }
  }

  @AfterEach
  void cleanUp() throws IOException {
    store.close();
    sandbox.close();
  }

  private MountHold mount(String name, Path place) throws IOException {
    return store.mounts().make(image, name, place, null, null, false);
  }

  @Test
  void mountThatIsInUseIsLeft() throws IOException {
    RunPlace place = store.runs().make("web", true);
    Commands.run("mount", "-t", "tmpfs", "none", place.directory().toString()).succeed();
    try (OutputStream used = Files.newOutputStream(place.directory().resolve("used"))) {
      assertFalse(store.runs().end(place, false));
      used.write(1);
    }
    assertTrue(store.runs().end(store.runs().abandoned().get(0), false));
    assertEquals(List.of(), store.runs().abandoned());
  }

  /** Whoever waits for the end of its use would wait for ever. */
  @Test
  void whatCannotBeRemovedIsAnError() throws IOException {
    RunPlace place = store.runs().make("web", true);
    Path file = Files.createFile(place.directory().resolve("file"));
    IOException refused = assertThrows(IOException.class, () -> store.runs().end(place, true));
    assertTrue(refused.getMessage().contains("directory not empty"), refused.getMessage());
    Files.delete(file);
    assertTrue(store.runs().end(store.runs().abandoned().get(0), false));
  }

  /** Whoever collects what killed runs have left does not wait for what others still use. */
  @Test
  void aMountThatWasDetachedBeforeIsNotWaitedFor() throws IOException {
    RunPlace place = store.runs().make("web", true);
    try (MountHold hold = mount("web", place.directory())) {
      // Waiting would end with an exception.
      Thread.currentThread().interrupt();
      assertFalse(store.runs().end(place, false));
      assertTrue(Thread.interrupted());
      assertNotNull(store.mounts().find("web"), hold.mount().name());
    }
    List<RunPlace> left = store.runs().abandoned();
    assertEquals(1, left.size());
    assertTrue(store.runs().end(left.get(0), false));
    assertNull(store.mounts().find("web"));
    assertEquals(List.of(), store.runs().abandoned());
  }
}
