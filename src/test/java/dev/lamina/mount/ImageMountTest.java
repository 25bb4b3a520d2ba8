package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.image.ImageConfig;
import dev.lamina.image.Platform;
import dev.lamina.image.Progress;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.image.store.MountRecord;
import dev.lamina.image.store.Store;
import dev.lamina.testing.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A mount that cannot be used again is removed when it ends, and nothing that was written. */
class ImageMountTest {
  private Sandbox sandbox;
  private Path root;
  private Path place;

  @BeforeEach
  void makeImage() throws Exception {
    sandbox = new Sandbox();
    root = sandbox.root().resolve("store");
    place = Files.createDirectory(sandbox.root().resolve("place"));
    try (Store store = Store.open(root)) {
      store.images().add(ImageConfig.empty(Platform.host()), List.of(), "empty", false);
    }
  }

  @AfterEach
  void cleanUp() {
    sandbox.close();
  }

  private ImageMount prepare(Path upper) throws Exception {
    ImageMountRequest request =
        new ImageMountRequest(
            root, "empty", "m", true, upper, null, false, null, UnpackLimits.DEFAULT, List.of());
    return ImageMount.prepare(
        request, new MountPoint(place.toString().getBytes(UTF_8)), Progress.NONE);
  }

  private List<MountRecord> mounts() throws Exception {
    try (Store store = Store.open(root)) {
      return store.mounts().all();
    }
  }

  @Test
  void changesAreKeptWhenItWasNotNoticedThatTheMountServed() throws Exception {
    ImageMount mount = prepare(null);
    Path written = mounts().get(0).upper().resolve("written");
    Files.createFile(written);
    mount.close();
    assertTrue(Files.exists(written));
    assertEquals(1, mounts().size());
  }

  @Test
  void newMountThatNeverServedIsRemoved() throws Exception {
    ImageMount mount = prepare(null);
    Path upper = mounts().get(0).upper();
    mount.close();
    assertFalse(Files.exists(upper));
    Path own = Files.createDirectory(sandbox.root().resolve("own"));
    Files.createFile(own.resolve("before"));
    mount = prepare(own);
    assertEquals(own, mounts().get(0).upper());
    mount.close();
    assertEquals(List.of(), mounts(), "what is in a user's own upper may be older than the mount");
    assertTrue(Files.exists(own.resolve("before")));
  }
}
